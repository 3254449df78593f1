import { z } from "zod";
import { graphTime, maybe, optional, storageTime, text } from "../storage/rows.ts";
import { type Fanout, groupHeadSchema, type Member } from "./group.ts";
import { type EndedHolding, type Holding, runSchema } from "./holding.ts";
import { type Attempt, isHeld, isInReview, type PendingRevocation } from "./pending-revocation.ts";

/** Everything we know of one principal: one partition. Immutable; the core makes the next one and the commit writes the difference. */
export interface PrincipalState {
  readonly principalId: string;
  readonly head: Head;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly ended: ReadonlyMap<string, EndedHolding>;
  readonly revocations: ReadonlyMap<string, PendingRevocation>;
  readonly attempt: Attempt | null;
  /** Of a group: who is in it, by `memberKey`, and the fan-outs to its members that are still under way. */
  readonly members: ReadonlyMap<string, Member>;
  readonly fanouts: ReadonlyMap<string, Fanout>;
}

const end = {
  /** The same for every row that reports it. */
  key: z.string(),
  /** `activityDateTime` in whole seconds, as Graph keeps a user's sessions-valid-from. Graph's time, epoch milliseconds. */
  at: z.number(),
  /** Graph's time when we read it. */
  foundAt: z.number(),
};
const endKind = z.enum(["expired", "deactivated", "removed", "unknown"]);
/** Core Directory's row has the moment of the end; PIM's own comes seconds later. */
const reportedBy = z.enum(["directory", "pim"]);

/** A row does not name the scope. */
const roleSchema = z.object({
  ...end,
  kind: z.literal("role"),
  reportedBy,
  roleDefinitionId: z.string(),
  end: endKind,
  /** Told once more, because the rows of the principal vanished: which of several assignments it ended is not known any more. */
  again: z.exactOptional(z.boolean()),
});
/** In a group's head: one of its members or owners has left it. */
const accessSchema = z.object({
  ...end,
  kind: z.literal("access"),
  reportedBy,
  principalId: z.string(),
  access: z.enum(["member", "owner"]),
});
/** What a rule of `AUDIT_RULES` names was done to this user. */
const activitySchema = z.object({ ...end, kind: z.literal("activity"), activity: z.string() });

const auditEndSchema = z.discriminatedUnion("kind", [roleSchema, accessSchema, activitySchema]);

/** One per principal: every commit of its partition is conditional on it. */
export const headSchema = z.object({
  /** `unknown` until `/users/{id}` or `/groups/{id}` has answered once: a 404 may be a service principal or a slow replica. */
  kind: z.enum(["unknown", "user", "externalUser", "group"]),
  /** Only of groups. */
  group: optional(groupHeadSchema),
  /** What the list should show of this principal if nothing has changed (`listedRows`): the resync compares. */
  listed: z.array(text).readonly(),
  /** Storage's time for which a queue message is on its way; null when there is nothing to wait for. */
  wakeAt: maybe(storageTime),
  /** The same of one that comes long after that; absent when none is known. */
  laterWakeAt: optional(storageTime),
  /** The latest known end for which a standby message was sent, Graph's time (see `wake-up.ts`); absent before the first. */
  standbyFor: optional(graphTime),
  /** Graph's time when the oldest pending revocation without an outcome was found; null when there is none. */
  openSince: maybe(graphTime),
  /** How many of its pending revocations the revocation threshold holds; absent when none. */
  held: optional(z.int()),
  /** How many of them are so old that an operator has to decide about them; absent when none. */
  inReview: optional(z.int()),
  /** What Graph's audit log reported of it and no pass has judged yet; absent when nothing. */
  auditEnds: optional(z.array(auditEndSchema).readonly()),
  /** Until when at the latest an access token without CAE may outlive a revoke, Graph's time; absent when nothing was revoked. */
  exposedUntil: optional(graphTime),
  /** The run of 404s for this principal, who is no group; absent while Graph finds it. */
  missing: optional(runSchema),
  /** Failed reads after a planned end: storage's time of the first and the last. */
  unreadable: maybe(z.object({ since: storageTime, last: storageTime, raised: z.boolean() })),
});
export type Head = Readonly<z.infer<typeof headSchema>>;

export const emptyHead: Head = {
  kind: "unknown",
  listed: [],
  wakeAt: null,
  openSince: null,
  unreadable: null,
};

export const emptyState = (principalId: string): PrincipalState => ({
  principalId,
  head: emptyHead,
  holdings: new Map(),
  ended: new Map(),
  revocations: new Map(),
  attempt: null,
  members: new Map(),
  fanouts: new Map(),
});

export type RoleAuditEnd = Readonly<z.infer<typeof roleSchema>>;
export type AccessAuditEnd = Readonly<z.infer<typeof accessSchema>>;
export type ActivityAuditEnd = Readonly<z.infer<typeof activitySchema>>;

/**
 * What we read ourselves from Graph's audit log about this principal. It waits in the head until the next pass compares it with what was
 * held: most ends are known, and then it only says why. A principal's head alone holds it, so whoever commits has seen it.
 */
export type AuditEnd = RoleAuditEnd | AccessAuditEnd | ActivityAuditEnd;

/** The head with what it says of all pending revocations: the resync and the operations read heads only. */
export function summarize(head: Head, revocations: ReadonlyMap<string, PendingRevocation>): Head {
  const { held: _, inReview: __, exposedUntil: ___, ...others } = head;
  const open = [...revocations.values()].filter(({ progress }) => progress.state !== "closed");
  const held = open.filter(isHeld).length;
  const inReview = open.filter(isInReview).length;
  const found = [...open, ...(others.auditEnds ?? [])].map(({ foundAt }) => foundAt);
  const exposed = [...revocations.values()].flatMap(({ progress }) =>
    progress.state === "closed" && progress.outlives !== undefined ? [progress.outlives.accessTokensUntil] : [],
  );
  return {
    ...others,
    openSince: found.length === 0 ? null : Math.min(...found),
    ...(held === 0 ? {} : { held }),
    ...(inReview === 0 ? {} : { inReview }),
    ...(exposed.length === 0 ? {} : { exposedUntil: Math.max(...exposed) }),
  };
}
