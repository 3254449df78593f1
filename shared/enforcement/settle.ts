import type { Timings } from "../detection/timings.ts";
import { type GraphError, GraphRetryableError, GraphUncertainError } from "../graph/errors.ts";
import {
  type Attempt,
  heldByThreshold,
  type Obligation,
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
  /** True when a revoke is to be made now: the state then holds an open attempt that covers what it is for. */
  readonly revoke: boolean;
  /** The obligations that it is, or in report-only would be, to be made for, and those that the revocation threshold holds; as given, not as settled. */
  readonly due: readonly Obligation[];
  readonly held: readonly Obligation[];
}

/** Decides about every open obligation of a principal. Pure: the commit of the returned state is the lease on making the call. */
export function settle(circumstances: Circumstances, attemptId: string): Settlement {
  const state = takeOverAttempt(circumstances);
  const decided = [...state.obligations.values()]
    .filter(({ progress }) => progress.state !== "closed")
    .map((obligation) => ({ obligation, decision: decide(obligation, { ...circumstances, state }) }));
  // One call would have satisfied all that was pending, as it does in `enforce`.
  const isReported = decided.some(({ decision }) => isReportOfCall(decision));
  const decisions = isReported ? decided.map(coverByReport) : decided;
  const settled = decisions.map(({ obligation, decision }) => progressed(obligation, decision, circumstances.date));
  const obligations = new Map(state.obligations);
  for (const obligation of settled) obligations.set(obligation.key, obligation);

  const revoke = decisions.some(({ decision }) => decision.do === "revoke");
  // One accepted call satisfies all that was committed before it: also what still waits for an earlier call to show or to be tried again.
  const covers = [...obligations.values()].filter(({ progress }) => progress.state === "pending").map(({ key }) => key);
  const attempt: Attempt | null = revoke
    ? { id: attemptId, writtenAt: null, state: "open", covers, uncertainSince: null }
    : state.attempt;
  const head = summarize(state.head, obligations);
  const thoseThat = (wanted: (decision: Decision) => boolean) =>
    decisions.filter(({ decision }) => wanted(decision)).map(({ obligation }) => obligation);
  return {
    state: { ...state, head, obligations, attempt },
    revoke,
    due: thoseThat(wantsRevoke),
    held: thoseThat((decision) => decision.do === "wait" && decision.heldBy === heldByThreshold),
  };
}

interface Decided {
  readonly obligation: Obligation;
  readonly decision: Decision;
}

const isReportOfCall = (decision: Decision): boolean => decision.do === "close" && decision.detail === wouldRevoke;

const wantsRevoke = (decision: Decision): boolean => decision.do === "revoke" || isReportOfCall(decision);

const coverByReport = ({ obligation, decision }: Decided): Decided =>
  decision.do === "wait" && obligation.progress.state === "pending"
    ? { obligation, decision: { do: "close", outcome: "reportOnly", detail: wouldBeSatisfied } }
    : { obligation, decision };

/** An attempt whose lease ran out without a result may or may not have been applied: from now on it is uncertain. */
function takeOverAttempt({ state, storageTime, date, timings }: Circumstances): PrincipalState {
  const { attempt } = state;
  if (attempt?.state !== "open" || attempt.writtenAt === null) return state;
  if (storageTime - attempt.writtenAt < timings.leaseFor) return state;
  return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
}

function progressed(obligation: Obligation, decision: Decision, date: number): Obligation {
  const { progress } = obligation;
  if (decision.do === "close") {
    const acceptedAt = progress.state === "accepted" ? progress.acceptedAt : null;
    const { outcome, verified = false, detail = null } = decision;
    const outlives = outcome === "revoked" ? { outlives: residualOf(acceptedAt ?? date) } : {};
    return {
      ...obligation,
      progress: { state: "closed", outcome, closedAt: date, acceptedAt, verified, detail, ...outlives },
    };
  }
  if (progress.state === "accepted") return obligation;
  const next: Progress =
    decision.do === "wait" ? { state: "pending", notBefore: decision.until, heldBy: decision.heldBy } : pending;
  return { ...obligation, progress: next };
}

/**
 * Settles, and asks the revocation threshold before a revoke: what it clears is revoked, what it does not is held.
 * In report-only the same is asked, and recorded instead. After the audit log was asked nothing is revoked at once: that may have taken seconds, so the principal is read again first.
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

  // As settled: what is held another way counts no more.
  const obligations = [...settlement.state.obligations.values()];
  const { cleared, consulted } = await threshold.judge({
    principalId: state.principalId,
    obligations,
    due,
    held,
    date,
  });
  const holdDue = markThreshold(state, new Map(due.map(({ key }) => [key, "held"])));
  if (circumstances.policy.mode === "reportOnly") {
    // Nothing is called, so nothing needs to be read again: what enforce would do next is recorded at once.
    const admits = due.some(({ key }) => cleared.has(key));
    return settle({ ...circumstances, state: markThreshold(admits ? state : holdDue, cleared) }, attemptId);
  }
  if (!consulted) return settle({ ...circumstances, state: markThreshold(state, cleared) }, attemptId);
  const paused = settle({ ...circumstances, state: holdDue }, attemptId);
  return { ...paused, state: markThreshold(paused.state, cleared) };
}

/** What came of the call: accepted at Graph's time, or the gateway's error. */
export type CallResult =
  | { readonly accepted: true; readonly date: number }
  | { readonly accepted: false; readonly error: GraphError; readonly date: number };

/** The state after the call of the open attempt. `date` is Graph's time, read or estimated, epoch milliseconds. Pure. */
export function recordResult(state: PrincipalState, result: CallResult, timings: Timings): PrincipalState {
  const { attempt } = state;
  if (attempt === null) return state;
  const obligations = new Map(state.obligations);
  for (const key of attempt.covers) {
    const obligation = obligations.get(key);
    if (obligation?.progress.state === "pending") obligations.set(key, afterCall(obligation, result, timings));
  }
  return { ...state, obligations, attempt: closeAttempt(attempt, result) };
}

function closeAttempt(attempt: Attempt, result: CallResult): Attempt {
  if (result.accepted) return { ...attempt, state: "accepted" };
  if (result.error instanceof GraphUncertainError) {
    return { ...attempt, state: "uncertain", uncertainSince: result.date };
  }
  return { ...attempt, state: "refused" };
}

function afterCall(obligation: Obligation, result: CallResult, timings: Timings): Obligation {
  if (result.accepted) return { ...obligation, progress: { state: "accepted", acceptedAt: result.date } };
  const { error, date } = result;
  if (error instanceof GraphUncertainError) return obligation;
  const notBefore = date + waitAfter(error, timings);
  return { ...obligation, progress: { state: "pending", notBefore, heldBy: refusedBy(error.code) } };
}

/** Retry-After when Graph gave one, at least `retryEvery`; soon for a passing failure; not often when somebody has to act first. */
export function waitAfter(error: GraphError, timings: Timings): number {
  if (error instanceof GraphRetryableError) return Math.max(error.retryAfter ?? 0, timings.retryEvery);
  return timings.holdEvery;
}

/** Cleared once is cleared for good: the threshold is not asked about this obligation again. */
export const isCleared = ({ threshold }: Obligation): boolean => threshold !== undefined && threshold !== "held";

/** The state with these obligations marked, by key. What is no longer held may be tried at once. Pure. */
export function markThreshold(state: PrincipalState, marks: ReadonlyMap<string, ThresholdMark>): PrincipalState {
  const obligations = new Map(
    [...state.obligations].map(([key, obligation]): [string, Obligation] => [key, marked(obligation, marks.get(key))]),
  );
  return { ...state, obligations, head: summarize(state.head, obligations) };
}

function marked(obligation: Obligation, mark: ThresholdMark | undefined): Obligation {
  if (mark === undefined) return obligation;
  const { progress } = obligation;
  const waits = progress.state === "pending" && progress.heldBy === heldByThreshold;
  return { ...obligation, threshold: mark, progress: waits && mark !== "held" ? pending : progress };
}
