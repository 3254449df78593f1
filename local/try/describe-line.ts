import { z } from "zod";

const event = z.looseObject({ event: z.string() });
const holding = z.object({
  principalId: z.string(),
  roleDefinitionId: z.string().optional(),
  groupId: z.string().optional(),
  endDateTime: z.string().nullish(),
});
const outcome = holding.extend({ outcome: z.string(), detail: z.string().nullish(), end: z.string() });

const resynced = z.object({ listed: z.number() });

/** Events of every few seconds that say only that the app is well, as health does, and steps to an outcome, which says it all. */
const quiet = new Set(["resynced", "purged", "auditsRead", "subscriptionsKept", "ended", "threshold"]);

/** What each line of the app's log says to somebody who tries the app; null for nothing. A line that is no event stays as it is. */
export function createDescriber(): (line: string) => string | null {
  let hasRead = false;
  return (line) => {
    const said = event.safeParse(parseJson(line)).data;
    if (said === undefined) return line;
    const first = hasRead ? undefined : resynced.safeParse(said).data;
    if (first !== undefined && said.event === "resynced") {
      hasRead = true;
      return `has read the tenant: active assignments of roles: ${first.listed}`;
    }
    return quiet.has(said.event) ? null : describeEvent(said.event, said, line);
  };
}

function describeEvent(name: string, said: unknown, line: string): string {
  const known = name === "holdingBegan" ? holding.safeParse(said).data : undefined;
  if (known !== undefined) return `watches ${nameOf(known)}, ${known.endDateTime ?? "with no end"}`;
  const closed = name === "outcome" ? outcome.safeParse(said).data : undefined;
  if (closed === undefined) return line;
  return `${closed.end}: ${nameOf(closed)}: ${[closed.outcome, closed.detail ?? ""].join(" ").trim()}`;
}

const nameOf = ({ principalId, roleDefinitionId, groupId }: z.infer<typeof holding>): string =>
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
