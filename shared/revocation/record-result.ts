import type { Timings } from "../detection/timings.ts";
import { refusedBy } from "../enforcement/decide.ts";
import { type GraphError, GraphRetryableError, GraphUncertainError } from "../graph/graph-errors.ts";
import type { Attempt, Obligation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";

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
