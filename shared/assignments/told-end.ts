import { z } from "zod";
import { instantMs } from "../graph/instant.ts";
import type { Watch } from "./watch.ts";

const end = {
  /** The same for every row that tells of it. */
  key: z.string(),
  /** `activityDateTime` in whole seconds, as Graph keeps a user's sessions-valid-from. Graph's time, epoch milliseconds. */
  at: z.number(),
  /** Graph's time when we read it. */
  foundAt: z.number(),
};
const endKind = z.enum(["expired", "deactivated", "removed", "unknown"]);
/** Core Directory's row has the moment of the end; PIM's own comes seconds later. */
const toldBy = z.enum(["directory", "pim"]);

/** A row does not tell the scope. */
const roleSchema = z.object({ ...end, kind: z.literal("role"), toldBy, roleDefinitionId: z.string(), end: endKind });
/** In a group's head: one of its members or owners has left it. */
const accessSchema = z.object({
  ...end,
  kind: z.literal("access"),
  toldBy,
  principalId: z.string(),
  access: z.enum(["member", "owner"]),
});
/** What a rule of `AUDIT_RULES` names was done to this user. */
const activitySchema = z.object({ ...end, kind: z.literal("activity"), activity: z.string() });

export const toldEndSchema = z.discriminatedUnion("kind", [roleSchema, accessSchema, activitySchema]);

export type ToldRole = Readonly<z.infer<typeof roleSchema>>;
export type ToldAccess = Readonly<z.infer<typeof accessSchema>>;
export type ToldActivity = Readonly<z.infer<typeof activitySchema>>;

/**
 * What we read ourselves from Graph's audit log about this principal. It waits in the head until the next look compares it with what was
 * watched: most ends were, and then it only says why. A principal's head alone holds it, so whoever commits has seen it.
 */
export type ToldEnd = ToldRole | ToldAccess | ToldActivity;

/** The watch that it must be the end of, whose absence then needs no second one. With two that it may be it tells neither from the other. */
export function onlyEndOf(told: ToldEnd, watches: readonly Watch[]): Watch | null {
  const [one, another] = watches.filter((watch) => mayBeEndOf(told, watch));
  return another === undefined ? (one ?? null) : null;
}

const mayBeEndOf = (told: ToldEnd, { roleDefinitionId, source, start }: Watch): boolean =>
  told.kind === "role" &&
  told.roleDefinitionId === roleDefinitionId &&
  (source === "schedule" || source === "directory") &&
  !beganLater(start, told);

/** What began after the end that is told is another. Graph's audit log is read in whole seconds. */
export const beganLater = (start: string | null, { at }: Pick<ToldEnd, "at">): boolean =>
  start !== null && instantMs(start) >= at + 1000;
