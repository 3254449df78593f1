import type { Head, PrincipalState } from "../assignments/principal-state.ts";
import { type Obligation, pending, type ThresholdMark } from "./obligation.ts";

/** Why a wait is on, as it stands in an obligation that the threshold holds. */
export const heldByThreshold = "threshold";

export const isHeld = ({ threshold, progress }: Obligation): boolean =>
  threshold === "held" && progress.state === "pending";

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

/** The head with what it tells of all obligations: the resync and the operations read heads only. */
export function summarize(head: Head, obligations: ReadonlyMap<string, Obligation>): Head {
  const { held: _, ...rest } = head;
  const open = [...obligations.values()].filter(({ progress }) => progress.state !== "closed");
  const held = open.filter(isHeld).length;
  return {
    ...rest,
    openSince: open.length === 0 ? null : Math.min(...open.map(({ foundAt }) => foundAt)),
    ...(held === 0 ? {} : { held }),
  };
}
