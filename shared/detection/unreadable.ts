import type { GraphTime, StorageTime } from "../base/clock.ts";
import { knownEnd } from "../model/holding.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { Timings } from "./timings.ts";

/**
 * Counts a read that failed after a known end. Only tries of a running app count: a gap between them starts the count anew.
 * `date` is Graph's time, estimated; the minutes are counted in storage's. Pure.
 */
export function countUnread(
  state: PrincipalState,
  date: GraphTime,
  storageTime: StorageTime,
  timings: Timings,
): PrincipalState {
  const ends = [...state.holdings.values()].map(knownEnd);
  if (!ends.some((end) => end !== null && end <= date)) return state;
  const { unreadable } = state.head;
  const goesOn = unreadable !== null && storageTime - unreadable.last <= timings.unreadableGap;
  const since = goesOn ? unreadable.since : storageTime;
  const raised = storageTime - since >= timings.unreadableFor;
  return { ...state, head: { ...state.head, unreadable: { since, last: storageTime, raised } } };
}
