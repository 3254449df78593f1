import type { Obligation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";

/** Whether an obligation has had its outcome since before this time, Graph's epoch milliseconds. What has none is never past. */
export const isPast = ({ progress }: Obligation, before: number): boolean =>
  progress.state === "closed" && progress.closedAt < before;

/**
 * The state without the records and ended holdings from before this time; the very same one when there are none. What has no outcome stays, however
 * old, and so does what `isWanted` by somebody else. The time lies at least a month back, so nothing is forgotten that keeps an end from being
 * taken for a new one: ended holdings count for two days, ends are stale after a month at the latest, and Graph keeps its audit log for 30 days. Pure.
 */
export function forgetPast(
  state: PrincipalState,
  before: number,
  isWanted: (key: string) => boolean = () => false,
): PrincipalState {
  const obligations = [...state.obligations].filter(
    ([key, obligation]) => !isPast(obligation, before) || isWanted(key),
  );
  const ended = [...state.ended].filter(([, { endedAt }]) => endedAt >= before);
  if (obligations.length === state.obligations.size && ended.length === state.ended.size) return state;
  return { ...state, obligations: new Map(obligations), ended: new Map(ended) };
}
