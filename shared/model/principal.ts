import { z } from "zod";
import { earliest, type GraphTime, type StorageTime } from "../base/clock.ts";
import { graphTime, maybe, optional, storageTime, text } from "../storage/table.ts";
import { absenceSchema, type EndedHolding, type Holding, runSchema } from "./holding.ts";
import {
  type Attempt,
  accessId,
  type Closed,
  endKind,
  groupEndSchema,
  isHeld,
  isInReview,
  type PendingRevocation,
  residualOf,
} from "./pending-revocation.ts";

/** What the head of a group's partition stores about the group itself. */
const groupHeadSchema = z.object({
  assignableToRole: z.boolean(),
  /** Graph's time when the group's members and owners were last read; null before the first reading. */
  readAt: maybe(graphTime),
  /** After a failed read: Graph's time before which the members and owners are not read again. */
  notBefore: maybe(graphTime),
});
export type GroupHead = Readonly<z.infer<typeof groupHeadSchema>>;

/** A membership or ownership of a watched group: one entry of the member snapshot. Times are Graph's. Who has left is remembered: replicas may lag. */
export const memberSchema = z.object({
  principalId: text,
  access: accessId,
  /** Of the row in PIM for Groups; null when only the directory shows the membership. */
  scheduleId: maybe(text),
  start: maybe(text),
  /** The latest end that PIM ever listed: an absence before it is unplanned. Null: permanent, or given outside PIM. */
  end: maybe(text),
  listedEnd: maybe(text),
  /** Distinguishes one stay in the group from the next. */
  firstSeen: graphTime,
  absence: maybe(absenceSchema),
  overdueRaised: z.boolean(),
  /** `at`: when the end was established, by `absence`. `shownSince`: the first answer after it that shows the membership again; null while none does. */
  left: maybe(z.object({ at: graphTime, shownSince: maybe(graphTime) })),
});
export type Member = Readonly<z.infer<typeof memberSchema>> & {
  /** Number of the storage row that holds this member; one row holds at most `chunkSize`. */
  readonly chunk: number;
};

export const chunkSize = 500;
export const memberKey = ({ principalId, access }: Pick<Member, "principalId" | "access">): string =>
  `${principalId} ${access}`;

/** A member whom an answer of `date` shows for the first time. */
export function newMember(principalId: string, access: Member["access"], chunk: number, date: GraphTime): Member {
  const unlisted = { scheduleId: null, start: null, end: null, listedEnd: null };
  const present = { absence: null, overdueRaised: false, left: null };
  return { principalId, access, ...unlisted, firstSeen: date, ...present, chunk };
}

/** A group's end as each member's partition will store it, under a key of the member's own: see `toRevocation`. */
export type GroupEnd = Readonly<z.infer<typeof groupEndSchema>>;

/** Ends still to be fanned out to members: committed with the loss that caused them, removed once each member's partition has its pending revocation. */
export const fanoutSchema = z.object({
  key: text,
  /** The only member concerned; null: every member of the snapshot. */
  member: maybe(z.object({ principalId: text, access: accessId, firstSeen: graphTime })),
  ends: z.array(groupEndSchema).readonly(),
  /** When the fan-out began; null before. A fan-out to every member begins once the group's present members are in the snapshot. */
  begunAt: maybe(graphTime),
  /** Ids of members who joined after the end: they lost nothing. */
  except: z.array(text).readonly(),
  /** Id of the last member reached, in the order of ids; null before the first. */
  position: maybe(text),
  reached: z.int(),
});
export type Fanout = Readonly<z.infer<typeof fanoutSchema>>;

/** The number of the storage row for each new member in turn: rows with room left first, then new ones. The generator never ends. */
export function* freeChunks(members: Iterable<Member>): Generator<number, never> {
  const held = new Map<number, number>();
  for (const { chunk } of members) held.set(chunk, (held.get(chunk) ?? 0) + 1);
  for (let chunk = 0; ; chunk += 1) {
    for (let count = held.get(chunk) ?? 0; count < chunkSize; count += 1) yield chunk;
  }
}

export const byKey = <T extends { readonly key: string }>(entities: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entities.map((entity) => [entity.key, entity]));

/** All that is stored about one principal: one partition. Immutable: the core makes the next state and the commit writes the difference. */
export interface PrincipalState {
  readonly principalId: string;
  readonly head: Head;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly ended: ReadonlyMap<string, EndedHolding>;
  readonly revocations: ReadonlyMap<string, PendingRevocation>;
  readonly attempt: Attempt | null;
  /** Only for a group: its members and owners by `memberKey`, and the fan-outs that are still under way. */
  readonly members: ReadonlyMap<string, Member>;
  readonly fanouts: ReadonlyMap<string, Fanout>;
}

const end = {
  /** The same for every audit row that reports this end. */
  key: z.string(),
  /** `activityDateTime` in whole seconds, as Graph keeps a user's sessions-valid-from. Graph's time, epoch milliseconds. */
  at: z.number(),
  /** Graph's time when we read it. */
  foundAt: z.number(),
};

const auditEndSchema = z.discriminatedUnion("kind", [
  /** The end of a role. Audit rows do not name its scope. */
  z.object({
    ...end,
    kind: z.literal("role"),
    roleDefinitionId: z.string(),
    end: endKind,
    /** Reported again because the principal's stored rows vanished: which of several assignments it ended is no longer known. */
    again: z.exactOptional(z.boolean()),
  }),
  /** In a group's head: one of its members or owners has left it. */
  z.object({ ...end, kind: z.literal("access"), principalId: z.string(), access: accessId }),
  /** An activity that a rule of `AUDIT_RULES` names was done to this user. */
  z.object({ ...end, kind: z.literal("activity"), activity: z.string() }),
]);
/**
 * An end or an activity that Graph's audit log reports for this principal. It waits in the head until the next pass compares it with the holdings:
 * most ends are known already, and then it only adds the reason. Every commit is conditional on the head, so none overlooks it.
 */
export type AuditEnd = Readonly<z.infer<typeof auditEndSchema>>;
export type RoleAuditEnd = Extract<AuditEnd, { kind: "role" }>;

/** One row per principal: every commit of its partition is conditional on this row's etag. */
export const headSchema = z.object({
  /** `unknown` until `/users/{id}` or `/groups/{id}` has answered once: a 404 may be a service principal or a slow replica. */
  kind: z.enum(["unknown", "user", "externalUser", "group"]),
  /** Only for groups. */
  group: optional(groupHeadSchema),
  /** The principal's rows in PIM's list as last read (`listedRows`): the resync compares them with the tenant-wide list. */
  listed: z.array(text).readonly(),
  /** Storage's time for which a queue message is scheduled; null when no pass is due. */
  wakeAt: maybe(storageTime),
  /** The same for a message that comes long after that one; absent when there is none. */
  laterWakeAt: optional(storageTime),
  /** The latest known end for which a standby message was sent, Graph's time (see `wake-up.ts`); absent before the first. */
  standbyFor: optional(graphTime),
  /** Graph's time when the oldest pending revocation without an outcome was found; null when there is none. */
  openSince: maybe(graphTime),
  /** How many of its pending revocations the revocation threshold holds; absent when none. */
  held: optional(z.int()),
  /** How many of them are so old that an operator has to decide about them; absent when none. */
  inReview: optional(z.int()),
  /** Ends that Graph's audit log reported and no pass has judged yet; absent when there are none. */
  auditEnds: optional(z.array(auditEndSchema).readonly()),
  /** The latest expiry, Graph's time, of access tokens without CAE that outlive a revoke; absent when nothing was revoked. */
  exposedUntil: optional(graphTime),
  /** The run of 404 answers, of a group for its members; absent while Graph finds it. `first`: of the first 404 since then, even if the run was broken. */
  missing: optional(runSchema.extend({ first: optional(graphTime) })),
  /** Failed reads after a planned end: storage's time of the first and the last. */
  unreadable: maybe(z.object({ since: storageTime, last: storageTime, raised: z.boolean() })),
  /** Somebody deleted or spoilt rows of this partition: set until the ends of the last hours are being judged again; absent otherwise. */
  incomplete: optional(z.literal(true)),
});
export type Head = Readonly<z.infer<typeof headSchema>>;

export const emptyHead: Head = { kind: "unknown", listed: [], wakeAt: null, openSince: null, unreadable: null };

/** The revocations that no call and no outcome has answered yet. */
export const pendingOf = ({ revocations }: Pick<PrincipalState, "revocations">): readonly PendingRevocation[] =>
  [...revocations.values()].filter(({ progress }) => progress.state === "pending");

/** Whether the last call was made for this revocation and may have been applied. Pure. */
export const isCovered = ({ key }: PendingRevocation, { attempt }: Pick<PrincipalState, "attempt">): boolean =>
  attempt !== null && attempt.state !== "refused" && attempt.covers.includes(key);

/** The state with `change` made to each of its revocations; the same object when it changes none. */
export function changeRevocations(state: PrincipalState, change: (one: PendingRevocation) => PendingRevocation) {
  const { revocations } = state;
  const changed = byKey([...revocations.values()].map(change));
  const isSame = [...changed].every(([key, revocation]) => revocation === revocations.get(key));
  return isSame ? state : { ...state, revocations: changed };
}

/** The state with these of its revocations closed. */
export const closeAll = (state: PrincipalState, ended: readonly PendingRevocation[], progress: Closed) =>
  changeRevocations(state, (one) => (ended.includes(one) ? { ...one, progress } : one));

/** The head with the next pass due at `wakeAt`, or sooner if it is already. */
export const withWake = (head: Head, wakeAt: StorageTime): Head => ({
  ...head,
  wakeAt: Math.min(head.wakeAt ?? wakeAt, wakeAt),
});

const summaryNames = ["openSince", "held", "inReview", "exposedUntil"] as const;

/** The state with the summary in its head brought up to date, as it is committed: the resync and the operations read heads only. */
export function summarized(state: PrincipalState): PrincipalState {
  const { held: _, inReview: __, exposedUntil: ___, ...head } = state.head;
  const all = [...state.revocations.values()];
  const held = all.filter(isHeld).length;
  const inReview = all.filter(isInReview).length;
  const open = all.filter(({ progress }) => progress.state !== "closed");
  const fannedOut = [...state.fanouts.values()].flatMap(({ ends }) => ends);
  const found = [...open, ...fannedOut, ...(head.auditEnds ?? [])].map(({ foundAt }) => foundAt);
  const exposed = all.flatMap(({ progress }) =>
    progress.state === "closed" ? (residualOf(progress)?.accessTokensUntil ?? []) : [],
  );
  const summary: Pick<Head, (typeof summaryNames)[number]> = {
    openSince: earliest(found),
    ...(held === 0 ? {} : { held }),
    ...(inReview === 0 ? {} : { inReview }),
    ...(exposed.length === 0 ? {} : { exposedUntil: Math.max(...exposed) }),
  };
  // A head whose fields only changed places would be written anew, with each reading around an end.
  const isSame = summaryNames.every((name) => summary[name] === state.head[name]);
  return isSame ? state : { ...state, head: { ...head, ...summary } };
}
