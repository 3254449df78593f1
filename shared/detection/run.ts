import type { GraphTime } from "../base/clock.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { type Absence, identityOf, isSameSource, later, type Run, type Source } from "../model/holding.ts";
import type { Lag } from "./lag.ts";

/** The run with an answer of `date` added. After `brokenRun` (lag table) without an answer it begins anew: the two denials may be two separate lags. */
export const extend = (run: Run | null, date: GraphTime, { brokenRun }: Lag): Run =>
  run !== null && date - run.last <= brokenRun ? { ...run, last: date } : { since: date, last: date };

/** An answer that does not show a privilege or membership. */
interface Denial {
  readonly date: GraphTime;
  readonly sessionsValidFrom: number | null;
  /** Graph's time of an earlier answer that showed it, where one is known. */
  readonly shownAt: GraphTime | null;
  /** The signal that started the pass. */
  readonly by?: string;
}

/**
 * The absence with one more answer. It begins anew after too long without an answer, and at the known end: an answer before that end may have been a lag,
 * one after it is not (lag table: knownEnd). Pure.
 */
export function deny(
  absence: Absence | null,
  { date, sessionsValidFrom, shownAt, by = absence?.by }: Denial,
  knownEnd: GraphTime | null,
  lag: Lag,
): Absence {
  const run = extend(absence, date, lag);
  const isEndReached = knownEnd !== null && run.since < knownEnd && date >= knownEnd;
  if (absence !== null && run.since === absence.since && !isEndReached) return { ...absence, last: date };
  const after = absence === null ? shownAt : (absence.after ?? null);
  return {
    since: date,
    last: date,
    sessionsValidFrom,
    ...(after === null ? {} : { after }),
    ...(by === undefined ? {} : { by }),
  };
}

/** The most sources remembered of one holding: its row in storage is bounded. */
const mostSources = 30;

/**
 * The sources after an answer of `date` whose list shows `rows` of this privilege; `isShown`: some view shows the privilege. Sources that left the list are
 * kept for `forget` (lag table), since a replica may still show them. Pure.
 */
export function updateSources(
  sources: readonly Source[],
  { rows, isShown }: { readonly rows: readonly RoleInstance[]; readonly isShown: boolean },
  date: GraphTime,
  lag: Lag,
): readonly Source[] {
  const known = sources
    .filter(({ leftList }) => leftList === null || date - leftList < lag.forget)
    .map((source): Source => {
      const row = rows.find((candidate) => isSameSource(source, identityOf(candidate)));
      if (row !== undefined) return relisted(source, row.endDateTime);
      if (source.leftList === null) return { ...source, leftList: date };
      const isOver = isShown && date - source.leftList >= lag.staleRow;
      return isOver && !source.isOver ? { ...source, isOver } : source;
    });
  const fresh = rows.filter((row) => !known.some((source) => isSameSource(source, identityOf(row))));
  const added = new Map(fresh.map((row) => [JSON.stringify(identityOf(row)), newSource(row, date)]));
  if (added.size === 0 && known.length === sources.length && known.every((source, i) => source === sources[i]))
    return sources;
  // Sources that left the list first are forgotten first.
  const all = [...known, ...added.values()];
  return all.toSorted((a, b) => (b.leftList ?? Infinity) - (a.leftList ?? Infinity)).slice(0, mostSources);
}

const relisted = (source: Source, listedEnd: string | null): Source =>
  source.leftList === null && source.listedEnd === listedEnd
    ? source
    : { ...source, listedEnd, end: later(source.end, listedEnd), leftList: null, isOver: false };

const newSource = (row: RoleInstance, date: GraphTime): Source => ({
  ...identityOf(row),
  end: row.endDateTime,
  listedEnd: row.endDateTime,
  activated: row.assignmentType === "Activated",
  firstSeen: date,
  leftList: null,
  isOver: false,
});
