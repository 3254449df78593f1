import { z } from "zod";

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
const roleSchema = z.object({
  ...end,
  kind: z.literal("role"),
  toldBy,
  roleDefinitionId: z.string(),
  end: endKind,
  /** Told once more, because the rows of the principal vanished: which of several assignments it ended is not known any more. */
  again: z.exactOptional(z.boolean()),
});
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
 * What we read ourselves from Graph's audit log about this principal. It waits in the head until the next pass compares it with what was
 * held: most ends are known, and then it only says why. A principal's head alone holds it, so whoever commits has seen it.
 */
export type ToldEnd = ToldRole | ToldAccess | ToldActivity;
