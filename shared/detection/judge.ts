import type { GraphTime } from "../base/clock.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { type Absence, type Holding, isSourceOf, knownEnd, later, type Run, type Source } from "../model/holding.ts";
import type { Lag, LagName } from "./lag.ts";

/** What is known of something that may have ended: a privilege of a principal, or a membership of a group. */
export interface Evidence {
  /** The run of answers that do not show it; null while an answer does. */
  readonly absence: Absence | null;
  /** The latest announced end of its current sources, Graph's time rounded up; null when there is none. */
  readonly knownEnd: GraphTime | null;
  /** Graph's time when its newest source was first seen. */
  readonly newestSight: GraphTime;
  /** Only for memberships: an authenticated notification reports a change of this group's members. */
  readonly isHinted?: boolean;
}

/** The rule that decided: a row of the lag table, or one of two without a row. */
type RuleName = "shown" | "notification" | Extract<LagName, "knownEnd" | "newSource" | "secondAnswer">;

export type Verdict =
  | { readonly is: "held" | "lost"; readonly rule: RuleName }
  /** Not shown, but the loss is not yet proven. `until`: Graph's time from which one more answer without it proves the loss. */
  | { readonly is: "doubtful"; readonly rule: RuleName; readonly until: GraphTime };

/** Whether a privilege or membership has ended, as of the newest answer of the run. Pure. */
export function judge({ absence, knownEnd, newestSight, isHinted }: Evidence, lag: Lag): Verdict {
  if (absence === null) return { is: "held", rule: "shown" };
  const { since, last } = absence;
  const proven = (rule: RuleName, until: GraphTime): Verdict =>
    last >= until ? { is: "lost", rule } : { is: "doubtful", rule, until };
  // The first rule that applies decides from when on an answer proves the loss. The lag table says why each exists.
  if (knownEnd !== null && since >= knownEnd + lag.knownEnd) return proven("knownEnd", since);
  if (since - newestSight < lag.newSourceFor) return proven("newSource", since + lag.newSource);
  return isHinted === true ? proven("notification", since) : proven("secondAnswer", since + lag.secondAnswer);
}

/** The evidence that `judge` weighs for a holding. */
export const evidenceOf = (holding: Holding, lag: Lag): Evidence => ({
  absence: holding.absence,
  knownEnd: isOutlived(holding, lag) ? null : knownEnd(holding),
  newestSight: Math.max(holding.firstSeen, ...holding.sources.map(({ firstSeen }) => firstSeen)),
});

/** Whether the directory alone showed it long after its known end (lag table: secondAnswer): an assignment off PIM's list may give it, with another end. */
function isOutlived(holding: Holding, { secondAnswer }: Lag): boolean {
  const { absence, sources } = holding;
  const end = absence === null || sources.length === 0 ? null : knownEnd(holding);
  if (absence === null || end === null) return false;
  return absence.since - Math.max(end, ...sources.map(({ leftList }) => leftList ?? end)) > secondAnswer;
}

/** The run with an answer of `date` added. After `brokenRun` (lag table) without an answer it begins anew: the two denials may be two separate lags. */
export const extend = (run: Run | null, date: GraphTime, { brokenRun }: Lag): Run =>
  run !== null && date - run.last <= brokenRun ? { ...run, last: date } : { since: date, last: date };

/** An answer that does not show a privilege or membership. */
interface Denial extends Pick<Absence, "sessionsValidFrom" | "by"> {
  readonly date: GraphTime;
  /** Graph's time of an earlier answer that showed it, where one is known. */
  readonly shownAt: GraphTime | null;
}

/** The absence with one more answer. It begins anew after long without one, and at the known end, after which no view lags (lag table: knownEnd). Pure. */
export function deny(absence: Absence | null, denial: Denial, knownEnd: GraphTime | null, lag: Lag): Absence {
  const { date, sessionsValidFrom, shownAt, by = absence?.by } = denial;
  const run = extend(absence, date, lag);
  const isEndReached = knownEnd !== null && run.since < knownEnd && date >= knownEnd;
  if (absence !== null && run.since === absence.since && !isEndReached) return { ...absence, last: date };
  const after = absence === null ? shownAt : (absence.after ?? null);
  const known = { ...(after === null ? {} : { after }), ...(by === undefined ? {} : { by }) };
  return { since: date, last: date, sessionsValidFrom, ...known };
}

/** The run once the groups were asked. While one gives the privilege, only one's own assignment has ended: the run begins when they deny it as well. Pure. */
export function withGroups(denied: Absence, isGiven: boolean, sessionsValidFrom: number | null): Absence {
  if (isGiven) return { ...denied, after: denied.last };
  return isGivenIn(denied) ? { ...denied, since: denied.last, sessionsValidFrom } : denied;
}

/** Whether a group gave the privilege in an answer of the run in which the principal's own views denied it. */
export const isGivenIn = ({ since, after }: Absence): boolean => after !== undefined && after >= since;

/** The most sources remembered of one holding: its row in storage is bounded. */
const mostSources = 30;

/**
 * The sources after an answer of `date`. `shown`: the rows of this privilege in its list; null when no view shows it. Sources that left the list are kept
 * for `forget` (lag table), since a replica may still show them. Pure.
 */
export function updateSources(
  sources: readonly Source[],
  shown: readonly RoleInstance[] | null,
  date: GraphTime,
  lag: Lag,
): readonly Source[] {
  const rows = shown ?? [];
  const known = sources
    .filter(({ leftList }) => leftList === null || date - leftList < lag.forget)
    .map((source): Source => {
      const row = rows.find((candidate) => isSourceOf(source, candidate));
      if (row !== undefined) return relisted(source, row.endDateTime);
      if (source.leftList === null) return { ...source, leftList: date };
      const isOver = shown !== null && date - source.leftList >= lag.staleRow;
      return isOver && !source.isOver ? { ...source, isOver } : source;
    });
  const fresh = rows.filter((row) => !known.some((one) => isSourceOf(one, row))).map((row) => newSource(row, date));
  const added = new Map(fresh.map((source) => [`${source.scheduleId} ${source.start}`, source]));
  const all = [...known, ...added.values()];
  if (all.length === sources.length && all.every((source, i) => source === sources[i])) return sources;
  // Sources that left the list first are forgotten first.
  return all.toSorted((a, b) => (b.leftList ?? Infinity) - (a.leftList ?? Infinity)).slice(0, mostSources);
}

function relisted(source: Source, listedEnd: string | null): Source {
  if (source.leftList === null && source.listedEnd === listedEnd) return source;
  return { ...source, listedEnd, end: later(source.end, listedEnd), leftList: null, isOver: false };
}

function newSource(row: RoleInstance, date: GraphTime): Source {
  const { roleAssignmentScheduleId: scheduleId, startDateTime: start, endDateTime: end } = row;
  return { scheduleId, start, end, listedEnd: end, firstSeen: date, leftList: null, isOver: false };
}
