import { instantMsCeil } from "../graph/instant.ts";
import { type Obligation, pending } from "../revocation/obligation.ts";
import type { PrincipalState } from "./principal-state.ts";
import { privilegeOf } from "./privilege.ts";
import type { Timings } from "./timings.ts";
import type { Watch } from "./watch.ts";

/** Watches whose known end has passed by Graph's estimated time `date`. */
const dueWatches = ({ watches }: PrincipalState, date: number): readonly Watch[] =>
  [...watches.values()].filter(({ end }) => end !== null && instantMsCeil(end) <= date);

/**
 * Counts a read that failed after a planned end. Only tries of a running app count: a gap between them starts the count anew.
 * `storageTime` is what the minutes are counted in.
 */
export function countUnread(
  state: PrincipalState,
  date: number,
  storageTime: number,
  timings: Timings,
): PrincipalState {
  if (dueWatches(state, date).length === 0) return state;
  const { unreadable } = state.head;
  const goesOn = unreadable !== null && storageTime - unreadable.last <= timings.unreadableGap;
  const since = goesOn ? unreadable.since : storageTime;
  const raised = storageTime - since >= timings.unreadableFor;
  return { ...state, head: { ...state.head, unreadable: { since, last: storageTime, raised } } };
}

/** Adds one unconfirmed obligation per end that has passed unread. The watch stays: its end is settled normally once Graph can be read. */
export function unconfirmedEnds(state: PrincipalState, date: number, foundBy: string): PrincipalState {
  const due = dueWatches(state, date).filter(({ key }) => !state.obligations.has(unconfirmedKey(key)));
  if (due.length === 0) return state;
  const added = due.map((watch): [string, Obligation] => [
    unconfirmedKey(watch.key),
    {
      ...privilegeOf(watch),
      key: unconfirmedKey(watch.key),
      end: "expired",
      planned: true,
      startDateTime: watch.start,
      endDateTime: watch.end,
      unseenSince: date,
      cutOff: Math.floor(date / 1000) * 1000,
      sessionsValidFromBefore: null,
      lastHeld: date,
      confirmed: false,
      foundBy,
      foundAt: date,
      progress: pending,
    },
  ]);
  return { ...state, obligations: new Map([...state.obligations, ...added]) };
}

const unconfirmedKey = (key: string): string => `${key}|unconfirmed`;
