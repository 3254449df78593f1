import { instantMsCeil } from "../graph/instant.ts";
import type { Timings } from "./timings.ts";
import type { Watch } from "./watch.ts";

/** What can be absent from an answer: an assignment, a membership. */
export type Absentable = Pick<Watch, "end" | "firstSeen" | "absence">;

/** Graph's `Date` is whole seconds: within the second of the end an answer cannot tell whether it was given before or after it. */
const dateResolution = 1000;

/**
 * The watch after an answer that does not show it: the run of absences begins or goes on. `shownAt` is Graph's time of an earlier answer that
 * showed whatever had no absence then, where one is known.
 */
export function absent<T extends Absentable>(
  watch: T,
  date: number,
  sessionsValidFrom: number | null,
  timings: Timings,
  shownAt: number | null = null,
): T {
  const { absence } = watch;
  // After minutes without an answer the first absence may have been a lag, and the end much later: its cut-off must not come too early. The
  // same once the known end has come: what was a lag before it is none any more, and one answer is enough.
  const isAnew = absence !== null && !isPlanned(watch, absence.since) && hasCome(watch, date);
  if (absence !== null && date - absence.last <= timings.runGap && !isAnew)
    return { ...watch, absence: { ...absence, last: date } };
  const after = absence === null ? shownAt : (absence.after ?? null);
  return { ...watch, absence: { since: date, last: date, sessionsValidFrom, ...(after === null ? {} : { after }) } };
}

/** The watch after an answer that shows it. */
export const present = <T extends Absentable>(watch: T): T =>
  watch.absence === null ? watch : { ...watch, absence: null };

const hasCome = ({ end }: Pick<Absentable, "end">, date: number): boolean => end !== null && date >= instantMsCeil(end);

/** Whether an absence that began in an answer of `since` may have begun at or after the known end. */
export const isPlanned = ({ end }: Pick<Absentable, "end">, since: number): boolean =>
  end !== null && since + dateResolution > instantMsCeil(end);

/**
 * Graph's time from which on a further absence proves the end: at once when the run began at or after the known end, or with
 * the first answer after it when the run began in the very second of the end. A run that began earlier needs a second absence, unless it begins
 * anew at the end.
 */
export function establishedAt(watch: Absentable, since: number, timings: Timings): number {
  if (watch.end !== null && isPlanned(watch, since)) return Math.max(since, instantMsCeil(watch.end));
  return since + (isYoung(watch, since, timings) ? timings.secondAbsenceYoung : timings.secondAbsence);
}

/** Whether an absence that began in an answer of `since` denies what was first seen shortly before: a new row replicates slowly. */
export const isYoung = ({ firstSeen }: Pick<Absentable, "firstSeen">, since: number, timings: Timings): boolean =>
  since - firstSeen < timings.youngFor;

/** Whether the end of this watch is established by an answer of `date` that does not show it. `told`: Graph told us of it, so one answer is enough. */
export const isGone = (watch: Absentable, date: number, timings: Timings, told = false): boolean =>
  watch.absence !== null && (told || date >= establishedAt(watch, watch.absence.since, timings));
