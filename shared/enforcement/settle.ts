import type { Timings } from "../detection/cadences.ts";
import { type GraphError, GraphRetryableError, GraphUncertainError } from "../graph/errors.ts";
import type { UserReading } from "../graph/graph.ts";
import {
  type Attempt,
  heldByThreshold,
  type PendingRevocation,
  type Progress,
  pending,
  residualOf,
  type ThresholdMark,
} from "../model/pending-revocation.ts";
import { type PrincipalState, summarize } from "../model/principal.ts";
import { type Circumstances, type Decision, decide, refusedBy, wouldBeSatisfied, wouldRevoke } from "./decide.ts";
import type { Threshold } from "./threshold.ts";

export interface Settlement {
  readonly state: PrincipalState;
  /** True when a revoke is to be made now: the state then has an open attempt that covers the pending revocations it is for. */
  readonly revoke: boolean;
  /** The pending revocations that call for a revoke (in report-only: would call for one), and those that the threshold holds; as they were before. */
  readonly due: readonly PendingRevocation[];
  readonly held: readonly PendingRevocation[];
}

/** Decides about every open pending revocation of a principal. Committing the returned state takes the lease on making the call. Pure. */
export function settle(circumstances: Circumstances, attemptId: string): Settlement {
  const state = takeOverAttempt(circumstances);
  const decided = [...state.revocations.values()]
    .filter(({ progress }) => progress.state !== "closed")
    .map((revocation) => ({ revocation, decision: decide(revocation, { ...circumstances, state }) }));
  // One call would have satisfied all that was pending, as it does in `enforce`.
  const isReported = decided.some(({ decision }) => isReportOfCall(decision));
  const decisions = isReported ? decided.map(coverByReport) : decided;
  const settled = decisions.map(({ revocation, decision }) => progressed(revocation, decision, circumstances.date));
  const revocations = new Map(state.revocations);
  for (const revocation of settled) revocations.set(revocation.key, revocation);

  const revoke = decisions.some(({ decision }) => decision.do === "revoke");
  // One accepted call satisfies all revocations committed before it, also those that wait for an earlier call's read-back or for a retry.
  const covers = [...revocations.values()].filter(({ progress }) => progress.state === "pending").map(({ key }) => key);
  const attempt: Attempt | null = revoke
    ? { id: attemptId, writtenAt: null, state: "open", covers, uncertainSince: null }
    : state.attempt;
  const head = summarize(state.head, revocations);
  const thoseThat = (wanted: (decision: Decision) => boolean) =>
    decisions.filter(({ decision }) => wanted(decision)).map(({ revocation }) => revocation);
  return {
    state: { ...state, head, revocations, attempt },
    revoke,
    due: thoseThat(wantsRevoke),
    held: thoseThat((decision) => decision.do === "wait" && decision.heldBy === heldByThreshold),
  };
}

interface Decided {
  readonly revocation: PendingRevocation;
  readonly decision: Decision;
}

const isReportOfCall = (decision: Decision): boolean => decision.do === "close" && decision.detail === wouldRevoke;

const wantsRevoke = (decision: Decision): boolean => decision.do === "revoke" || isReportOfCall(decision);

const coverByReport = ({ revocation, decision }: Decided): Decided =>
  decision.do === "wait" && revocation.progress.state === "pending"
    ? { revocation, decision: { do: "close", outcome: "reportOnly", detail: wouldBeSatisfied } }
    : { revocation, decision };

/** An attempt whose lease ran out without a result may or may not have been applied: from now on it is uncertain. */
function takeOverAttempt({ state, storageTime, date, timings }: Circumstances): PrincipalState {
  const { attempt } = state;
  if (attempt?.state !== "open" || attempt.writtenAt === null) return state;
  if (storageTime - attempt.writtenAt < timings.leaseFor) return state;
  return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
}

function progressed(revocation: PendingRevocation, decision: Decision, date: number): PendingRevocation {
  const { progress } = revocation;
  if (decision.do === "close") {
    const acceptedAt = progress.state === "accepted" ? progress.acceptedAt : null;
    const { outcome, verified = false, detail = null } = decision;
    const outlives = outcome === "revoked" ? { outlives: residualOf(acceptedAt ?? date) } : {};
    return {
      ...revocation,
      progress: { state: "closed", outcome, closedAt: date, acceptedAt, verified, detail, ...outlives },
    };
  }
  if (progress.state === "accepted") return revocation;
  const next: Progress =
    decision.do === "wait" ? { state: "pending", notBefore: decision.until, heldBy: decision.heldBy } : pending;
  return { ...revocation, progress: next };
}

/**
 * Settles, and consults the revocation threshold before a revoke: revocations that it clears are revoked, the others are held; report-only records that
 * instead. When the audit log was read nothing is revoked at once: that may have taken seconds, so the principal is read again first.
 * @throws the errors of storage.
 */
export async function settleWithinThreshold(
  circumstances: Circumstances,
  attemptId: string,
  threshold: Threshold,
): Promise<Settlement> {
  const { state, date } = circumstances;
  const settlement = settle(circumstances, attemptId);
  const { due, held } = settlement;
  if (due.length + held.length === 0 || due.some(isCleared)) return settlement;

  // As settled: a loss just closed as `stillHeld` no longer counts.
  const revocations = [...settlement.state.revocations.values()];
  const { cleared, consulted } = await threshold.judge({
    principalId: state.principalId,
    revocations,
    due,
    held,
    date,
  });
  const holdDue = markThreshold(state, new Map(due.map(({ key }) => [key, "held"])));
  if (circumstances.policy.mode === "reportOnly") {
    // No call is made, so nothing needs to be read again: what `enforce` would do next is recorded at once.
    const admits = due.some(({ key }) => cleared.has(key));
    return settle({ ...circumstances, state: markThreshold(admits ? state : holdDue, cleared) }, attemptId);
  }
  if (!consulted) return settle({ ...circumstances, state: markThreshold(state, cleared) }, attemptId);
  const paused = settle({ ...circumstances, state: holdDue }, attemptId);
  return { ...paused, state: markThreshold(paused.state, cleared) };
}

/** The result of the revoke call: accepted, or the gateway's error. `date`: Graph's time. */
export type CallResult =
  | { readonly accepted: true; readonly date: number }
  | { readonly accepted: false; readonly error: GraphError; readonly date: number };

/** The state after the call of the open attempt. `date` is Graph's time, read or estimated, epoch milliseconds. Pure. */
export function recordResult(state: PrincipalState, result: CallResult, timings: Timings): PrincipalState {
  const { attempt } = state;
  if (attempt === null) return state;
  const revocations = new Map(state.revocations);
  for (const key of attempt.covers) {
    const revocation = revocations.get(key);
    if (revocation?.progress.state === "pending") revocations.set(key, afterCall(revocation, result, timings));
  }
  return { ...state, revocations, attempt: closeAttempt(attempt, result) };
}

function closeAttempt(attempt: Attempt, result: CallResult): Attempt {
  if (result.accepted) return { ...attempt, state: "accepted" };
  if (result.error instanceof GraphUncertainError) {
    return { ...attempt, state: "uncertain", uncertainSince: result.date };
  }
  return { ...attempt, state: "refused" };
}

function afterCall(revocation: PendingRevocation, result: CallResult, timings: Timings): PendingRevocation {
  if (result.accepted) return { ...revocation, progress: { state: "accepted", acceptedAt: result.date } };
  const { error, date } = result;
  if (error instanceof GraphUncertainError) return revocation;
  const notBefore = date + waitAfter(error, timings);
  return { ...revocation, progress: { state: "pending", notBefore, heldBy: refusedBy(error.code) } };
}

/** Milliseconds to wait after a failed call: Retry-After, at least `retryEvery`, for a passing failure; `holdEvery` when a person must act first. */
export function waitAfter(error: GraphError, timings: Timings): number {
  if (error instanceof GraphRetryableError) return Math.max(error.retryAfter ?? 0, timings.retryEvery);
  return timings.holdEvery;
}

/** Whether the threshold let this pending revocation pass. That is for good: it is not asked about it again. */
export const isCleared = ({ threshold }: PendingRevocation): boolean => threshold !== undefined && threshold !== "held";

/** The state with these marks on pending revocations, by key. A revocation that is no longer held may be tried at once. Pure. */
export function markThreshold(state: PrincipalState, marks: ReadonlyMap<string, ThresholdMark>): PrincipalState {
  const revocations = new Map(
    [...state.revocations].map(([key, revocation]): [string, PendingRevocation] => [
      key,
      marked(revocation, marks.get(key)),
    ]),
  );
  return { ...state, revocations, head: summarize(state.head, revocations) };
}

function marked(revocation: PendingRevocation, mark: ThresholdMark | undefined): PendingRevocation {
  if (mark === undefined) return revocation;
  const { progress } = revocation;
  const waits = progress.state === "pending" && progress.heldBy === heldByThreshold;
  return { ...revocation, threshold: mark, progress: waits && mark !== "held" ? pending : progress };
}

/**
 * A revocation that a group fanned out has no sessions-valid-from from before the loss. The first value read afterwards stands in, if it is not
 * later than the cut-off. Without it, an earlier revoke in the same second would count as a later one. Pure.
 */
export function noteSessions(state: PrincipalState, user: UserReading | null): PrincipalState {
  const validFrom = user?.sessionsValidFrom ?? null;
  if (validFrom === null) return state;
  const { attempt } = state;
  const unknown = [...state.revocations.values()].filter(
    ({ key, through, progress, cutOff, sessionsValidFromBefore }) =>
      through !== undefined &&
      progress.state === "pending" &&
      sessionsValidFromBefore === null &&
      validFrom <= cutOff &&
      // A value that our own call may have set is not the value from before.
      (attempt === null || attempt.state === "refused" || !attempt.covers.includes(key)),
  );
  if (unknown.length === 0) return state;
  const noted = unknown.map((revocation) => ({ ...revocation, sessionsValidFromBefore: validFrom }));
  return { ...state, revocations: new Map([...state.revocations, ...noted.map((o) => [o.key, o] as const)]) };
}
