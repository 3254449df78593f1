import type { PrincipalState } from "../assignments/principal-state.ts";
import { announcedEnd, type Holding } from "../detection/holding.ts";
import { instantMs } from "../graph/instant.ts";
import type { Obligation } from "../revocation/obligation.ts";
import type { Day, DayBar, DayPerson, PrivilegeName } from "./status.ts";

const hour = 3_600_000;
const before = 24 * hour;
const after = 8 * hour;
const mostPeople = 50;
const mostBars = 6;

export type NamePrivilege = (state: PrincipalState, of: Holding | Obligation) => PrivilegeName;

/**
 * Who holds what until when, and what became of each end, from a day ago until eight hours from now. People of whom something waits come first, then those whose
 * end is nearest. `now` is epoch milliseconds. Pure.
 */
export function buildDay(principals: readonly PrincipalState[], now: number, nameOf: NamePrivilege): Day {
  const window = { from: now - before, to: now + after };
  const people = principals.flatMap((state) => {
    const bars = barsOf(state, window, nameOf).toSorted((a, b) => rank(a, window, now) - rank(b, window, now));
    const [first] = bars;
    return first === undefined ? [] : [{ person: toPerson(first, bars), rank: rank(first, window, now) }];
  });
  const shown = people.toSorted((a, b) => a.rank - b.rank).slice(0, mostPeople);
  return {
    from: iso(window.from),
    to: iso(window.to),
    people: shown.map(({ person }) => person),
    more: people.length - shown.length,
  };
}

function toPerson({ principalId, isGroup }: DayBar, bars: readonly DayBar[]): DayPerson {
  const shown = bars.slice(0, mostBars).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return { principalId, isGroup, bars: shown, more: bars.length - shown.length };
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function barsOf(state: PrincipalState, { from, to }: Window, nameOf: NamePrivilege): readonly DayBar[] {
  const held = [...state.holdings.values()].map((holding): DayBar => {
    const end = announcedEnd(holding);
    const starts = holding.sources.flatMap(({ start }) => (start === null ? [] : [instantMs(start)]));
    return {
      ...nameOf(state, holding),
      from: iso(starts.length === 0 ? holding.firstSeen : Math.min(...starts)),
      until: end === null ? null : iso(instantMs(end)),
      fate: "holds",
    };
  });
  const lost = [...state.obligations.values()].map((obligation): DayBar => {
    const { key, startDateTime, lastHeld, progress } = obligation;
    const start = startDateTime === null ? state.ended.get(key)?.firstSeen : instantMs(startDateTime);
    return {
      ...nameOf(state, obligation),
      from: iso(Math.min(start ?? lastHeld, lastHeld)),
      until: iso(lastHeld),
      fate: progress.state === "closed" ? progress.outcome : "waits",
    };
  });
  return [...held, ...lost].filter(
    ({ from: begins, until, fate }) =>
      Date.parse(begins) <= to && (fate === "waits" || until === null || Date.parse(until) >= from),
  );
}

/** Milliseconds between now and its end; what waits goes before, and what ends at no time within the window behind. */
function rank({ until, fate }: DayBar, { to }: Window, now: number): number {
  if (fate === "waits") return -1;
  const end = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
  return end > to ? Number.MAX_SAFE_INTEGER : Math.abs(end - now);
}

const iso = (time: number): string => new Date(time).toISOString();
