import type { GraphTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { type GraphError, GraphRetryableError, GraphUncertainError } from "../graph/errors.ts";
import type { UserReading } from "../graph/graph.ts";
import {
  type Attempt,
  closedAs,
  heldByThreshold,
  isInReview,
  type PendingRevocation,
  type Progress,
  pending,
  residualOf,
  type ThresholdMark,
} from "../model/pending-revocation.ts";
import { type PrincipalState, summarize } from "../model/principal.ts";
import { type Circumstances, type Decision, decide, isCovered, isDue, refusedBy, wouldBeSatisfied } from "./decide.ts";
import type { Settled, Threshold } from "./threshold.ts";

export interface Settlement extends Settled {
  /** True when a revoke is to be made now: the state then has an open attempt that covers the pending revocations it is for. */
  readonly revoke: boolean;
}

/** Decides about every open pending revocation of a principal. Committing the returned state takes the lease on making the call. Pure. */
export function settle(circumstances: Circumstances, attemptId: string): Settlement {
  const state = takeOverAttempt(circumstances);
  const decided = [...state.revocations.values()]
    .filter(({ progress }) => progress.state !== "closed")
    .map((revocation) => ({ revocation, decision: decide(revocation, { ...circumstances, state }) }));
  const those = (wanted: (decision: Decision) => boolean) =>
    decided.filter(({ decision }) => wanted(decision)).map(({ revocation }) => revocation);
  const revoke = those((decision) => decision.do === "revoke").length > 0;
  const due = those(isDue);
  const isReported = due.length > 0 && !revoke;

  const settled = decided.map(({ revocation, decision }) => {
    // In report-only one call would have satisfied all that was pending, as it does in `enforce`.
    const isSatisfied = isReported && decision.do === "wait" && revocation.progress.state === "pending";
    const satisfied = { do: "close", outcome: "reportOnly", detail: wouldBeSatisfied } as const;
    return progressed(revocation, isSatisfied ? satisfied : decision, circumstances.date);
  });
  const next = summarized(replace(state, settled));
  // One accepted call satisfies all revocations committed before it, also those that wait for an earlier call's read-back or for a retry.
  const waiting = [...next.revocations.values()].filter(({ progress }) => progress.state === "pending");
  const covers = waiting.map(({ key }) => key);
  const attempt: Attempt = { id: attemptId, writtenAt: null, state: "open", covers, uncertainSince: null };
  return {
    state: revoke ? { ...next, attempt } : next,
    revoke,
    due,
    held: those((decision) => decision.do === "wait" && decision.heldBy === heldByThreshold),
  };
}

/** An attempt whose lease ran out without a result may or may not have been applied: from now on it is uncertain. */
function takeOverAttempt({ state, storageTime, date, timings }: Circumstances): PrincipalState {
  const { attempt } = state;
  if (attempt?.state !== "open" || attempt.writtenAt === null) return state;
  if (storageTime - attempt.writtenAt < timings.leaseFor) return state;
  return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
}

function progressed(revocation: PendingRevocation, decision: Decision, date: GraphTime): PendingRevocation {
  const { progress } = revocation;
  if (decision.do === "close") {
    const acceptedAt = progress.state === "accepted" ? progress.acceptedAt : null;
    const { outcome, verified = false, detail = null } = decision;
    const outlives = outcome === "revoked" ? { outlives: residualOf(acceptedAt ?? date) } : {};
    return { ...revocation, progress: { ...closedAs(outcome, date, detail), acceptedAt, verified, ...outlives } };
  }
  if (progress.state === "accepted") return revocation;
  const next: Progress =
    decision.do === "wait" ? { state: "pending", notBefore: decision.until, heldBy: decision.heldBy } : pending;
  return { ...revocation, progress: next };
}

/**
 * Settles, and consults the revocation threshold before a revoke: revocations that it clears are revoked, the others are held; report-only records that
 * instead. When the audit log was read nothing is revoked at once: that may have taken seconds, so the principal is read again. @throws storage's errors
 */
export async function settleWithinThreshold(circumstances: Circumstances, attemptId: string, threshold: Threshold) {
  const { state, date, policy } = circumstances;
  const settlement = settle(circumstances, attemptId);
  const { due, held } = settlement;
  if (due.length + held.length === 0 || due.some(isCleared)) return settlement;

  // As settled: a loss just closed as `stillHeld` no longer counts.
  const { cleared, consulted } = await threshold.judge(settlement, date);
  const settleAs = (marks: ReadonlyMap<string, ThresholdMark>) =>
    settle({ ...circumstances, state: markThreshold(state, marks) }, attemptId);
  const hold = due.map(({ key }) => [key, "held"] as const);
  // In report-only no call is made, so nothing needs to be read again: what `enforce` would do next is recorded at once.
  if (!consulted || policy.mode === "reportOnly") {
    const admits = due.some(({ key }) => cleared.has(key));
    return settleAs(new Map([...(admits ? [] : hold), ...cleared]));
  }
  const paused = settleAs(new Map(hold));
  return { ...paused, state: markThreshold(paused.state, cleared) };
}

/** The result of the revoke call: accepted, or the gateway's error. `date`: Graph's time, read or estimated. */
export type CallResult =
  | { readonly accepted: true; readonly date: GraphTime }
  | { readonly accepted: false; readonly error: GraphError; readonly date: GraphTime };

/** The state after the call of the open attempt. Pure. */
export function recordResult(state: PrincipalState, result: CallResult, timings: Timings): PrincipalState {
  const { attempt } = state;
  if (attempt === null) return state;
  const after = (call: Attempt["state"], progress: Progress): PrincipalState => {
    const called = [...state.revocations.values()]
      .filter((revocation) => revocation.progress.state === "pending" && attempt.covers.includes(revocation.key))
      .map((revocation) => ({ ...revocation, progress }));
    return { ...replace(state, called), attempt: { ...attempt, state: call } };
  };
  if (result.accepted) return after("accepted", { state: "accepted", acceptedAt: result.date });
  const { error, date } = result;
  if (error instanceof GraphUncertainError) {
    return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
  }
  const notBefore = date + waitAfter(error, timings);
  return after("refused", { state: "pending", notBefore, heldBy: refusedBy(error.code) });
}

/** Milliseconds to wait after a failed call: Retry-After, at least `retryEvery`, for a passing failure; `holdEvery` when a person must act first. */
export const waitAfter = (error: GraphError, timings: Timings): number =>
  error instanceof GraphRetryableError ? Math.max(error.retryAfter ?? 0, timings.retryEvery) : timings.holdEvery;

/** The state with these revocations in place of those with the same keys. */
const replace = (state: PrincipalState, changed: readonly PendingRevocation[]): PrincipalState => ({
  ...state,
  revocations: new Map([...state.revocations, ...changed.map((revocation) => [revocation.key, revocation] as const)]),
});

export const summarized = (state: PrincipalState): PrincipalState => ({
  ...state,
  head: summarize(state.head, state.revocations),
});

/** Whether the threshold let this pending revocation pass. That is for good: it is not asked about it again. */
export const isCleared = ({ threshold }: PendingRevocation): boolean => threshold !== undefined && threshold !== "held";

/** The state with these marks on pending revocations, by key. A revocation that is no longer held may be tried at once. Pure. */
export function markThreshold(state: PrincipalState, marks: ReadonlyMap<string, ThresholdMark>): PrincipalState {
  const marked = [...state.revocations.values()].flatMap((revocation) => {
    const threshold = marks.get(revocation.key);
    if (threshold === undefined) return [];
    const { progress } = revocation;
    const isFree = threshold !== "held" && progress.state === "pending" && progress.heldBy === heldByThreshold;
    return [{ ...revocation, threshold, progress: isFree ? pending : progress }];
  });
  return summarized(replace(state, marked));
}

/** The state with every `wanted` pending revocation approved by an operator's order, to be tried at once. Pure. */
export function approve(state: PrincipalState, operationId: string, wanted: (one: PendingRevocation) => boolean) {
  const approved = [...state.revocations.values()]
    .filter((one) => one.progress.state === "pending" && wanted(one))
    .map((one) => ({ ...one, approved: operationId, progress: isInReview(one) ? pending : one.progress }));
  return summarized(replace(state, approved));
}

/**
 * A revocation that a group fanned out has no sessions-valid-from from before the loss. The first value read afterwards stands in, if it is not later
 * than the cut-off and not set by our own call. Without it, an earlier revoke in the same second would count as a later one. Pure.
 */
export function noteSessions(state: PrincipalState, user: UserReading | null): PrincipalState {
  const validFrom = user?.sessionsValidFrom ?? null;
  if (validFrom === null) return state;
  const noted = [...state.revocations.values()]
    .filter(({ through, progress }) => through !== undefined && progress.state === "pending")
    .filter(({ cutOff, sessionsValidFromBefore }) => sessionsValidFromBefore === null && validFrom <= cutOff)
    .filter((revocation) => !isCovered(revocation, state))
    .map((revocation) => ({ ...revocation, sessionsValidFromBefore: validFrom }));
  return replace(state, noted);
}
