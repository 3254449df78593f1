import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { instantMsCeil } from "../graph/instants-and-ids.ts";
import { knownEnd } from "../model/holding.ts";
import { readRevocation, revocationPrefix } from "../model/load-and-commit.ts";
import { type Closed, isRole, isRule, type PendingRevocation, residualOf } from "../model/pending-revocation.ts";
import type { Member, PrincipalState } from "../model/principal.ts";
import { maxDelay, type Queue } from "../storage/queue.ts";
import { type Table, unforged } from "../storage/table.ts";
import { type AlarmName, alarms } from "../telemetry/names.ts";

const principalId = z.guid().toLowerCase();
const key = z.string().min(1);
/** The number of deliveries that failed, or of tries that found no outcome yet. */
const tries = z.int().nonnegative();
/** Absent: the notice is for every channel whose filter includes it. */
const channel = z.int().min(0).max(8);
const alarm = z.string().transform((text, context): AlarmName => {
  const name = alarmNames.find((known) => known === text);
  if (name !== undefined) return name;
  context.addIssue({ code: "custom" });
  return z.NEVER;
});
export const alarmNames: readonly AlarmName[] = Object.keys(alarms).filter((name): name is AlarmName => name in alarms);

const outcome = z.object({ v: z.literal(1), principalId, key, channel: z.exactOptional(channel), tries });
const raised = z.object({
  v: z.literal(1),
  alarm,
  principalId: principalId.nullable(),
  at: z.number(),
  channel: z.exactOptional(channel),
  tries,
});
/** `minute`: the beginning of the minute whose outcomes are gathered, epoch milliseconds. */
const gathered = z.object({ v: z.literal(1), minute: z.number(), channel, tries });

/**
 * `endsAt`: the announced end, Graph's epoch milliseconds. `groupId`: the group whose role ends, or in which a membership or ownership ends (`key` is then
 * `member` or `owner`); absent for the principal's own role. The first notice about a group's role has the group as `principalId`; it is then replaced by
 * one notice for each member. `from`: the last member that has its notice.
 */
const before = z.object({
  v: z.literal(1),
  person: z.literal("before"),
  principalId,
  key,
  endsAt: z.number(),
  groupId: z.exactOptional(principalId),
  from: z.exactOptional(z.string()),
  tries,
});
const after = z.object({ v: z.literal(1), person: z.literal("after"), principalId, key, tries });

/** "Send the outcome of this end" to all channels or to one: object ids only. The outcome itself is read from storage when it is sent. */
export type OutcomeNotice = Readonly<Omit<z.infer<typeof outcome>, "v">>;
export type AlarmNotice = Readonly<Omit<z.infer<typeof raised>, "v">>;
/** "Send the outcomes that were gathered for this channel." */
export type GatheredNotice = Readonly<Omit<z.infer<typeof gathered>, "v">>;
/** "Send the user a mail that this privilege is about to end." */
export type BeforeNotice = Readonly<Omit<z.infer<typeof before>, "v">>;
/** "Send the user a mail that this privilege has ended." */
export type AfterNotice = Readonly<Omit<z.infer<typeof after>, "v">>;
export type PersonNotice = BeforeNotice | AfterNotice;
type Notice =
  | ({ readonly kind: "person" } & PersonNotice)
  | ({ readonly kind: "outcome" } & OutcomeNotice)
  | ({ readonly kind: "alarm" } & AlarmNotice)
  | ({ readonly kind: "gathered" } & GatheredNotice);

/** A queue message that is no notice. Another try changes nothing: the host moves it to the poison queue. */
export class NoticeError extends Error {
  readonly code = "NOTICE_UNREADABLE";
  override readonly name = "NoticeError";
}

// The kind of a message follows from its fields: messages of earlier versions are all outcomes and name no kind.
const schema = z.union([
  raised.transform(({ v: _, ...notice }) => ({ kind: "alarm" as const, ...notice })),
  gathered.transform(({ v: _, ...notice }) => ({ kind: "gathered" as const, ...notice })),
  before.transform(({ v: _, ...notice }) => ({ kind: "person" as const, ...notice })),
  after.transform(({ v: _, ...notice }) => ({ kind: "person" as const, ...notice })),
  outcome.transform(({ v: _, ...notice }) => ({ kind: "outcome" as const, ...notice })),
]);

/** @throws NoticeError */
export function parseNotice(message: unknown): Notice {
  const result = schema.safeParse(message);
  if (!result.success) throw new NoticeError("A message in the queue of notices is not a notice of this version.");
  return result.data;
}

export const noticeMessage = (notice: OutcomeNotice | AlarmNotice | GatheredNotice | PersonNotice): unknown => ({
  v: 1,
  ...notice,
});

/** Milliseconds after which the commit of the outcome has usually been made. */
const commitsWithin = 2000;

/**
 * Sends a notice for every end that gets its outcome by the commit from `before` to `after`. Call it before that commit: a crash in between then leaves
 * a notice without an outcome, which costs one read, but never an outcome without a notice. @throws the errors of storage
 */
export async function announceOutcomes(
  notices: Queue | undefined,
  before: PrincipalState,
  after: PrincipalState,
): Promise<void> {
  if (notices === undefined) return;
  for (const { key, progress } of after.revocations.values()) {
    if (progress.state !== "closed" || before.revocations.get(key)?.progress.state === "closed") continue;
    await notices.send(noticeMessage({ principalId: after.principalId, key, tries: 0 }), commitsWithin);
  }
}

/**
 * Sends a notice for every announced end (of a role, a group's role, a membership or an ownership) that the commit from `before` to `after` stores, so that
 * the user gets a mail `lead` milliseconds before the end. An end that is nearer than that gets no mail: the user has only just chosen it. `lead`: undefined
 * for no mails. @throws the errors of storage
 */
export async function announceEnds(
  notices: Queue | undefined,
  lead: number | undefined,
  before: PrincipalState,
  after: PrincipalState,
  date: GraphTime,
): Promise<void> {
  if (notices === undefined || lead === undefined) return;
  const { principalId } = after;
  const roles = [...after.holdings.values()].map((holding) => ({
    about: { principalId, key: holding.key },
    endsAt: knownEnd(holding),
    known: endOf(before.holdings.get(holding.key), knownEnd),
  }));
  const accesses = [...after.members].map(([place, member]) => ({
    about: { principalId: member.principalId, key: member.access, groupId: principalId },
    endsAt: accessEnd(member),
    known: endOf(before.members.get(place), accessEnd),
  }));
  for (const { about, endsAt, known } of [...roles, ...accesses]) {
    if (endsAt === null || known === endsAt) continue;
    const wait = endsAt - lead - date;
    if (wait <= 0) continue;
    await notices.send(noticeMessage({ person: "before", ...about, endsAt, tries: 0 }), Math.min(wait, maxDelay));
  }
}

const endOf = <T>(one: T | undefined, end: (one: T) => number | null): number | null =>
  one === undefined ? null : end(one);

/** The announced end of a membership or ownership: Graph's time, rounded up. Null when there is none, and for a member who has left. */
export const accessEnd = ({ end, left }: Pick<Member, "end" | "left">): GraphTime | null =>
  end === null || left !== null ? null : instantMsCeil(end);

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString();

/** Everything that an operator may want to know about an end: ids, fixed words, and ISO times of Graph's clock. */
export function endProperties(revocation: PendingRevocation): Readonly<Record<string, string | boolean | null>> {
  const { end, planned, foundBy, startDateTime, endDateTime } = revocation;
  return {
    ...privilegeProperties(revocation),
    kind: kindOf(revocation),
    end,
    planned,
    foundBy,
    startDateTime,
    endDateTime,
    lastHeld: iso(revocation.lastHeld),
    cutOff: iso(revocation.cutOff),
    foundAt: iso(revocation.foundAt),
  };
}

/** The same with the outcome, and the tokens that may outlive it. */
export function outcomeProperties(
  revocation: PendingRevocation,
  closed: Closed,
): Readonly<Record<string, string | boolean | null>> {
  const { outcome, verified, detail, acceptedAt, closedAt } = closed;
  const outlives = residualOf(closed);
  return {
    ...endProperties(revocation),
    outcome,
    verified,
    detail,
    acceptedAt: iso(acceptedAt),
    closedAt: iso(closedAt),
    ...(revocation.elevated === true ? { elevated: true } : {}),
    accessTokensUntil: iso(outlives?.accessTokensUntil),
    caeUntil: iso(outlives?.caeUntil),
  };
}

export function kindOf(revocation: PendingRevocation): "role" | "member" | "owner" | "rule" {
  if (isRule(revocation)) return "rule";
  return isRole(revocation) ? "role" : revocation.access;
}

function privilegeProperties(revocation: PendingRevocation): Readonly<Record<string, string>> {
  const through = revocation.through === undefined ? {} : { groupId: revocation.through.groupId };
  if (isRule(revocation)) return { activity: revocation.activity };
  if (!isRole(revocation)) return { ...through, access: revocation.access };
  const { roleDefinitionId, directoryScopeId } = revocation;
  return { roleDefinitionId, directoryScopeId, ...through };
}

/** Milliseconds. Graph dates its answers in whole seconds, rounded down: the true time is up to this much later. */
const dateStep = 1000;

/** Upper bounds in milliseconds, counted from an announced end. Null for a step that did not happen, and for an end that was not announced. */
interface Latency {
  readonly endToDetected: number | null;
  readonly endToAccepted: number | null;
  readonly endToVerified: number | null;
}

/**
 * How fast an end was found and cut. These are upper bounds of a second or more, since Graph's times are whole seconds. The time of an end that was not
 * announced is not known, so its latency is not known either. Pure.
 */
export function latencyOf({ planned, lastHeld, foundAt, progress }: PendingRevocation): Latency {
  const since = (time: number | null) =>
    time === null || !planned ? null : Math.max(dateStep, time + dateStep - lastHeld);
  const closed = progress.state === "closed" ? progress : null;
  return {
    endToDetected: since(foundAt),
    endToAccepted: since(progress.state === "accepted" ? progress.acceptedAt : (closed?.acceptedAt ?? null)),
    endToVerified: since(closed?.verified ? closed.closedAt : null),
  };
}

export interface FoundOutcome {
  readonly principalId: string;
  readonly revocation: PendingRevocation;
  readonly closed: Closed;
}

/** The stored outcome; null when there is none, or its row is forged. @throws the errors of storage */
export async function findOutcome(principalId: string, key: string, principals: Table): Promise<FoundOutcome | null> {
  const { value } = await principals.get(principalId, revocationPrefix + key);
  const row = unforged(value);
  if (row === undefined) return null;
  const revocation = readRevocation(row);
  const { progress } = revocation;
  return progress.state === "closed" ? { principalId, revocation, closed: progress } : null;
}
