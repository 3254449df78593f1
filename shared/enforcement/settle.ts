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
  type ThresholdMark,
} from "../model/pending-revocation.ts";
import { changeRevocations, isCovered, type PrincipalState } from "../model/principal.ts";
import { type Circumstances, type Decision, decide, isDue, isServed, refusedBy, wouldBeSatisfied } from "./decide.ts";
import type { Settled, Threshold } from "./threshold.ts";

export interface Settlement extends Settled {
  /** True when a revoke is to be made now: the state then has an open attempt that covers the pending revocations it is for. */
  readonly revoke: boolean;
}

/** Decides about every open pending revocation of a principal. Committing the returned state takes the lease on making the call. Pure. */
export function settle(circumstances: Circumstances, attemptId: string): Settlement {
  const state = takeOverAttempt(circumstances);
  const { date } = circumstances;
  const open = [...state.revocations.values()].filter(({ progress }) => progress.state !== "closed");
  const decisions = new Map(open.map((one) => [one, decide(one, { ...circumstances, state })]));
  const those = (wanted: (decision: Decision) => boolean) =>
    [...decisions].filter(([, decision]) => wanted(decision)).map(([revocation]) => revocation);
  const revoke = those((decision) => decision === "revoke").length > 0;
  const due = those(isDue);

  const next = changeRevocations(state, (one) => {
    const decision = decisions.get(one);
    if (decision === undefined) return one;
    // In report-only one call would have satisfied all that was pending, as it does in `enforce`.
    const isReported = due.length > 0 && !revoke && isServed(decision);
    const progress = isReported ? closedAs("reportOnly", date, wouldBeSatisfied) : decision;
    return { ...one, progress: progress === "revoke" ? pending : progress };
  });
  // One accepted call satisfies all losses committed before it, also those that wait for an earlier call's read-back or for a retry; none that may be no loss.
  const covers = those(isServed).map(({ key }) => key);
  const attempt: Attempt = { id: attemptId, writtenAt: null, state: "open", covers, uncertainSince: null };
  return {
    state: revoke ? { ...next, attempt } : next,
    revoke,
    due,
    held: those((one) => one !== "revoke" && one.state === "pending" && one.heldBy === heldByThreshold),
  };
}

/** An attempt whose lease ran out without a result may or may not have been applied: from now on it is uncertain. */
function takeOverAttempt({ state, storageTime, date, timings }: Circumstances): PrincipalState {
  const { attempt } = state;
  if (attempt?.state !== "open" || attempt.writtenAt === null) return state;
  if (storageTime - attempt.writtenAt < timings.leaseFor) return state;
  return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
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
  const { cleared, consulted } = await threshold(settlement, date);
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

/** The result of the revoke call. `error`: null when Graph accepted it. `date`: Graph's time, read or estimated. */
export type CallResult = { readonly error: GraphError | null; readonly date: GraphTime };

/** The state after the call of the open attempt. Pure. */
export function recordResult(state: PrincipalState, { error, date }: CallResult, timings: Timings): PrincipalState {
  const { attempt } = state;
  if (attempt === null) return state;
  const after = (call: Attempt["state"], progress: Progress): PrincipalState => {
    const isCalled = (one: PendingRevocation) => one.progress.state === "pending" && attempt.covers.includes(one.key);
    const called = changeRevocations(state, (one) => (isCalled(one) ? { ...one, progress } : one));
    return { ...called, attempt: { ...attempt, state: call } };
  };
  if (error === null) return after("accepted", { state: "accepted", acceptedAt: date });
  if (error instanceof GraphUncertainError) {
    return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
  }
  const notBefore = date + waitAfter(error, timings);
  return after("refused", { state: "pending", notBefore, heldBy: refusedBy(error.code) });
}

/** Milliseconds to wait after a failed call: Retry-After, at least `retryEvery`, for a passing failure; `holdEvery` when a person must act first. */
export const waitAfter = (error: GraphError, timings: Timings): number =>
  error instanceof GraphRetryableError ? Math.max(error.retryAfter ?? 0, timings.retryEvery) : timings.holdEvery;

/** Whether the threshold let this pending revocation pass. That is for good: it is not asked about it again. */
export const isCleared = ({ threshold }: PendingRevocation): boolean => threshold !== undefined && threshold !== "held";

/** The state with these marks on pending revocations, by key. A revocation that is no longer held may be tried at once. Pure. */
export const markThreshold = (state: PrincipalState, marks: ReadonlyMap<string, ThresholdMark>): PrincipalState =>
  changeRevocations(state, (one) => {
    const { progress } = one;
    const threshold = marks.get(one.key);
    if (threshold === undefined) return one;
    const isFree = threshold !== "held" && progress.state === "pending" && progress.heldBy === heldByThreshold;
    return { ...one, threshold, progress: isFree ? pending : progress };
  });

/** The state with every `wanted` pending revocation approved by an operator's order, to be tried at once. Pure. */
export const approve = (state: PrincipalState, operationId: string, wanted: (one: PendingRevocation) => boolean) =>
  changeRevocations(state, (one) => {
    if (one.progress.state !== "pending" || !wanted(one)) return one;
    return { ...one, approved: operationId, progress: isInReview(one) ? pending : one.progress };
  });

/**
 * A revocation that a group fanned out has no sessions-valid-from from before the loss. The first value read afterwards stands in, if it is not later
 * than the cut-off and not set by our own call. Without it, an earlier revoke in the same second would count as a later one. Pure.
 */
export function noteSessions(state: PrincipalState, user: UserReading | null): PrincipalState {
  const validFrom = user?.sessionsValidFrom ?? null;
  if (validFrom === null) return state;
  return changeRevocations(state, (one) => {
    const { through, progress, cutOff, sessionsValidFromBefore } = one;
    const isUnknown = through !== undefined && progress.state === "pending" && sessionsValidFromBefore === null;
    if (!isUnknown || validFrom > cutOff || isCovered(one, state)) return one;
    return { ...one, sessionsValidFromBefore: validFrom };
  });
}
