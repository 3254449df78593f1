import { z } from "zod";

const event = z.looseObject({ event: z.string() });
const watched = z.object({
  principalId: z.string(),
  roleDefinitionId: z.string().optional(),
  groupId: z.string().optional(),
  endDateTime: z.string().nullish(),
});
const outcome = watched.extend({ outcome: z.string(), detail: z.string().nullish(), end: z.string() });

const resynced = z.object({ listed: z.number() });

/** Events of every few seconds that say only that the app is well, as health does, and steps to an outcome, which says it all. */
const quiet = new Set(["resynced", "purged", "auditsRead", "subscriptionsKept", "ended", "threshold"]);

/** What somebody who tries the app is told about each line of its log; null for nothing. A line that is no event is told as it is. */
export function createTeller(): (line: string) => string | null {
  let hasRead = false;
  return (line) => {
    const told = event.safeParse(parseJson(line)).data;
    if (told === undefined) return line;
    const first = hasRead ? undefined : resynced.safeParse(told).data;
    if (first !== undefined && told.event === "resynced") {
      hasRead = true;
      return `has read the tenant: active assignments of roles: ${first.listed}`;
    }
    return quiet.has(told.event) ? null : tellEvent(told.event, told, line);
  };
}

function tellEvent(name: string, told: unknown, line: string): string {
  const known = name === "holdingBegan" ? watched.safeParse(told).data : undefined;
  if (known !== undefined) return `watches ${nameOf(known)}, ${known.endDateTime ?? "with no end"}`;
  const closed = name === "outcome" ? outcome.safeParse(told).data : undefined;
  if (closed === undefined) return line;
  return `${closed.end}: ${nameOf(closed)}: ${[closed.outcome, closed.detail ?? ""].join(" ").trim()}`;
}

const nameOf = ({ principalId, roleDefinitionId, groupId }: z.infer<typeof watched>): string =>
  [
    principalId,
    ...(roleDefinitionId === undefined ? [] : ["role", roleDefinitionId]),
    ...(groupId === undefined ? [] : ["group", groupId]),
  ].join(" ");

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
