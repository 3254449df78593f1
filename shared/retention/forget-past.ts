import type { PrincipalState } from "../assignments/principal-state.ts";
import type { Tombstone } from "../assignments/watch.ts";
import type { Obligation } from "../revocation/obligation.ts";

/** Whether an obligation has had its outcome since before this time, Graph's epoch milliseconds. What has none is never past. */
export const isPast = ({ progress }: Obligation, before: number): boolean =>
  progress.state === "closed" && progress.closedAt < before;

/**
 * The state without the records and tombstones from before this time; the very same one when there are none. What has no outcome stays, however
 * old, and so does what `isWanted` by somebody else. The time lies at least a month back, so nothing is forgotten that keeps an end from being
 * taken for a new one: tombstones count for two days, ends are stale after a month at the latest, and Graph keeps its audit log for 30 days. Pure.
 */
export function forgetPast(
  state: PrincipalState,
  before: number,
  isWanted: (key: string) => boolean = () => false,
): PrincipalState {
  const isGroup = state.head.kind === "group";
  const obligations = [...state.obligations].filter(
    ([key, obligation]) => !isPast(obligation, before) || isWanted(key),
  );
  const tombstones = [...state.tombstones].filter(([, tombstone]) => isNeeded(tombstone, isGroup, before));
  if (obligations.length === state.obligations.size && tombstones.length === state.tombstones.size) return state;
  return { ...state, obligations: new Map(obligations), tombstones: new Map(tombstones) };
}

/** A permanent assignment of a group has the same key for ever; only its tombstone keeps that from being used again (see `observe.ts`). */
const isNeeded = ({ endedAt, start }: Tombstone, isGroup: boolean, before: number): boolean =>
  endedAt >= before || (isGroup && start === null);
