import { type Obligation, pending, type ThresholdMark } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { heldByThreshold } from "./holds.ts";
import { summarize } from "./summarize.ts";

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
