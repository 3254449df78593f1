import { z } from "zod";
import type { Clock, GraphTime, StorageTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Outcome, PendingRevocation, ThresholdMark } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { largestLimit, type ThresholdLimits } from "../settings/settings.ts";
import { shareNext } from "../storage/call-storage.ts";
import { isForged, parseContent, putRow, retryConflicts, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/**
 * Holds revocations when they are so many that they look like a mistake. None is lost: a held one waits for an operator or for the audit log. It is asked
 * only while none of the ends that are due is cleared. @throws the errors of storage: then nobody may be revoked.
 */
export type Threshold = (settled: Settled, date: GraphTime) => Promise<Judgement>;

interface Judgement {
  /** The marks of the cleared revocations, by key. When none of `due` is cleared, all of `due` is to be held. */
  readonly cleared: ReadonlyMap<string, ThresholdMark>;
  /** Whether the audit log was read: that may take seconds, after which the reading behind the question is old. */
  readonly consulted: boolean;
}

export interface Settled {
  readonly state: PrincipalState;
  /** The pending revocations that call for a revoke (in report-only: would call for one), and those that the threshold holds; as they were before. */
  readonly due: readonly PendingRevocation[];
  readonly held: readonly PendingRevocation[];
}

export type ThresholdOptions = LedgerOptions & { readonly corroborates: Corroborates };

/** One per process: it remembers the stored counts between two questions. */
export function createThreshold(options: ThresholdOptions): Threshold {
  const { corroborates, timings, telemetry } = options;
  const ledgers = {
    planned: createThresholdLedger("planned", options),
    unplanned: createThresholdLedger("unplanned", options),
  };

  /** The marks of these ends; none when there are no ends, or the user is one too many. */
  async function admitUser(principalId: string, kind: ThresholdKind, ends: readonly PendingRevocation[]) {
    const isAdmitted = ends.length > 0 && (await ledgers[kind](principalId));
    return new Map(isAdmitted ? ends.map(({ key }) => [key, "admitted"] as const) : []);
  }

  /** The marks of those ends that Graph's audit log shows. A log that cannot be read shows nothing and is read again later. */
  async function findCorroborated(principalId: string, ends: Iterable<PendingRevocation>) {
    const found = new Map<string, ThresholdMark>();
    try {
      // One after the other: the reports of Graph answer 5 requests in 10 seconds (Graph docs: throttling-limits).
      for (const end of ends) if (await corroborates(end, principalId)) found.set(end.key, "corroborated");
    } catch (error) {
      if (!isGraphError(error)) throw error;
      telemetry.event("corroborationFailed", { principalId, code: error.code, status: error.status ?? null });
    }
    return found;
  }

  return async ({ state: { principalId, revocations }, due, held }, date) => {
    const ends = unplannedEnds([...revocations.values()], date, timings.userLimitSpan);
    const beyond = tooMany(ends, due);
    const planned = due.filter((end) => end.planned);
    const within = due.filter((end) => !end.planned && !beyond.includes(end));
    // One revoke cuts all sessions of the user: once one end lets it pass, the user's other due ends pass with it.
    let admitted = await admitUser(principalId, "planned", planned);
    if (admitted.size === 0) admitted = await admitUser(principalId, "unplanned", within);
    if (admitted.size > 0) return { cleared: admitted, consulted: false };

    const asked = new Set([...due, ...held, ...(beyond.length > 0 ? ends : [])]);
    const found = await findCorroborated(principalId, asked);
    if (due.some(({ key }) => found.has(key))) return { cleared: found, consulted: true };

    // Ends that the audit log explains do not count: perhaps the others are not too many after all.
    const left = ends.filter(({ key }) => !found.has(key));
    const still = tooMany(left, beyond);
    const late = beyond.filter((end) => !still.includes(end));
    const cleared = new Map([...found, ...(await admitUser(principalId, "unplanned", late))]);
    if (held.length === 0 && still.length > 0) {
      telemetry.alarm("thresholdReached", { limit: "user", ends: left.length, allowed: unplannedPerUser, principalId });
    }
    return { cleared, consulted: true };
  };
}

/** The most unplanned, uncorroborated ends of one user in an hour; more are probably a mistake and no losses. */
const unplannedPerUser = 3;

/** The outcomes that count as cuts, made or called for. */
const cutting: readonly Outcome[] = ["revoked", "alreadySatisfied", "reportOnly", "notEnforceable", "failed"];

/**
 * A user's unplanned ends found in the last `span` milliseconds that led or may lead to a cut, uncorroborated by the audit log, oldest first. Planned and
 * corroborated ends do not count: ending minor roles must not shield a major one. Pure.
 */
export function unplannedEnds(revocations: readonly PendingRevocation[], date: GraphTime, span: number) {
  return revocations
    .filter(({ progress }) => progress.state !== "closed" || cutting.includes(progress.outcome))
    .filter(({ planned, threshold, foundAt }) => !planned && threshold !== "corroborated" && date - foundAt < span)
    .toSorted((a, b) => a.foundAt - b.foundAt || (a.key < b.key ? -1 : 1));
}

/** Those of `due` that are too many among these unplanned ends. Pure. */
export function tooMany(ends: readonly PendingRevocation[], due = ends): readonly PendingRevocation[] {
  const beyond = new Set(ends.slice(unplannedPerUser).map(({ key }) => key));
  return due.filter(({ key }) => beyond.has(key));
}

/** Whether Graph's own audit log shows this end of this user. @throws Graph's errors */
export type Corroborates = (revocation: PendingRevocation, principalId: string) => Promise<boolean>;

/** Counted apart: planned ends come in hundreds when a shift is over; hundreds of unplanned ends mean that something is wrong. */
type ThresholdKind = keyof ThresholdLimits;

const partition = "threshold";
const schema = z.object({
  schema: z.literal(1),
  /**
   * The users for whom a revoke was asked lately, admitted or not, since a burst is held for as long as it lasts: object id and storage's time of the last
   * time, in the order in which they first asked. Short pairs, since the row may hold thousands.
   */
  users: z.array(z.tuple([z.string(), z.number()]).readonly()).readonly(),
  /** Storage's time when the limit was last raised; null = never. */
  raisedAt: z.number().nullable(),
});
export type ThresholdWindow = Readonly<Omit<z.infer<typeof schema>, "schema">>;

export const emptyWindow: ThresholdWindow = { users: [], raisedAt: null };

export interface LedgerOptions {
  readonly state: Table;
  readonly clock: Pick<Clock, "monotonic">;
  readonly limits: ThresholdLimits;
  /** How many users have a watched assignment. */
  readonly watchedUsers: () => Promise<number>;
  readonly timings: Timings;
  readonly telemetry: Telemetry;
}

/**
 * Asks whether a user is among the first users, up to the limit, who may be revoked. The answer is stored before it is given. @throws storage's errors
 * One count for all instances: it is one row and every change is conditional on its etag, so it is exact. Each process remembers the row, and callers that
 * ask while a write is under way share the next one: a thousand users cost far less than a thousand reads and writes.
 */
export function createThresholdLedger(kind: ThresholdKind, options: LedgerOptions) {
  const { state, clock, limits, watchedUsers, timings, telemetry } = options;
  let known: Awaited<ReturnType<typeof load>> | null = null;
  let asking = new Set<string>();

  /** `window`: null when the stored count is forged, since it then counts as full. `ahead`: storage's time, less this process's monotonic time. */
  async function load() {
    const { value, storageTime } = await state.get(partition, kind);
    const stored = value === undefined ? emptyWindow : isForged(value) ? null : parseContent(value, schema);
    return { window: stored, etag: value?.etag, ahead: storageTime - clock.monotonic() };
  }

  async function tryAll(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { window, etag, ahead } = known ?? (await load());
    // Forgotten while the write is under way: if it fails, the stored count is unknown.
    known = null;
    const allowed = await limitFor(limits[kind], (window?.users.length ?? 0) + ids.size, watchedUsers);
    const now = clock.monotonic() + ahead;
    const admission = admit(window ?? fullWindow(allowed, now), ids, now, allowed, timings.thresholdSpan);
    const content = { schema: 1, ...admission.window };
    const { value: etags, storageTime } = await state.commit(partition, [putRow(kind, content, etag)]);
    known = { window: admission.window, etag: etags.get(kind), ahead: storageTime - clock.monotonic() };
    const users = admission.window.users.length;
    telemetry.measure("thresholdUsers", users, { limit: kind });
    telemetry.measure("thresholdAllowed", allowed, { limit: kind });
    if (admission.raise) telemetry.alarm("thresholdReached", { limit: kind, users, allowed, principalId: null });
    return admission.admitted;
  }

  const admitAll = shareNext(() => {
    const ids = asking;
    asking = new Set();
    return retryConflicts(20, () => tryAll(ids));
  });

  return async (principalId: string): Promise<boolean> => {
    asking.add(principalId);
    return (await admitAll()).has(principalId);
  };
}

export const plannedAtLeast = 25;
const plannedShare = 0.15;

/** The limit in force when this many users ask. The watched users are counted only when their number matters. */
export async function limitFor(limit: number | null, asking: number, watchedUsers: () => Promise<number>) {
  if (limit !== null) return limit;
  if (asking <= plannedAtLeast) return plannedAtLeast;
  const share = Math.floor((await watchedUsers()) * plannedShare);
  return Math.min(Math.max(plannedAtLeast, share), largestLimit);
}

/** Storage's time when each limit was last raised; null = never. */
export async function readRaised(state: Table): Promise<Readonly<Record<ThresholdKind, number | null>>> {
  const { value } = await state.list(partition);
  const rows = value.filter((row) => !isForged(row));
  const raisedAt = new Map(rows.map((row) => [row.row, parseContent(row, schema).raisedAt]));
  return { planned: raisedAt.get("planned") ?? null, unplanned: raisedAt.get("unplanned") ?? null };
}

/** A window that admits nobody until its span is over, since the earlier count is unknown. */
const fullWindow = (limit: number, now: StorageTime): ThresholdWindow => ({
  users: Array.from({ length: limit }, (_, index) => [`unknown-${index}`, now] as const),
  raisedAt: null,
});

/**
 * Admits users up to the limit, in the order in which they ask; asking again is free. `span`: milliseconds. `raise`: somebody was not admitted, for the
 * first time in that span. Pure.
 */
export function admit(
  { users, raisedAt }: ThresholdWindow,
  ids: Iterable<string>,
  now: StorageTime,
  limit: number,
  span: number,
): { readonly window: ThresholdWindow; readonly admitted: ReadonlySet<string>; readonly raise: boolean } {
  const asked = new Map(users.filter(([, at]) => now - at < span));
  const asking = new Set(ids);
  for (const id of asking) asked.set(id, now);
  const first = [...asked.keys()].slice(0, limit);
  const admitted = new Set(first.filter((id) => asking.has(id)));
  const raise = admitted.size < asking.size && (raisedAt === null || now - raisedAt >= span);
  return { window: { users: trim([...asked], limit), raisedAt: raise ? now : raisedAt }, admitted, raise };
}

/**
 * Keeps the first `limit` users and the `limit` users who asked last: enough to hold the next user for as long as the burst lasts. Who asked last is
 * decided by time, not by place: a user who asks again keeps their place.
 */
function trim(asked: ThresholdWindow["users"], limit: number): ThresholdWindow["users"] {
  if (asked.length <= 2 * limit) return asked;
  const newest = new Set(asked.toSorted(([, a], [, b]) => b - a).slice(0, limit));
  return asked.filter((user, index) => index < limit || newest.has(user));
}
