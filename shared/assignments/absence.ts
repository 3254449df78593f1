import { instantMsCeil } from "../graph/instant.ts";
import type { Timings } from "./timings.ts";
import type { Watch } from "./watch.ts";

/** Graph's `Date` is whole seconds: within the second of the end an answer cannot tell whether it was given before or after it. */
const dateResolution = 1000;

/**
 * The watch after an answer that does not show it: the run of absences begins or goes on.
 * A run does not begin in the very second of the end, where it would count as unplanned: the next look is 300 ms away.
 */
export function absent(watch: Watch, date: number, sessionsValidFrom: number | null, timings: Timings): Watch {
  const { absence } = watch;
  // After minutes without an answer the first absence may have been a lag, and the end much later: its cut-off must not come too early.
  if (absence !== null && date - absence.last <= timings.runGap)
    return { ...watch, absence: { ...absence, last: date } };
  const end = watch.end === null ? null : instantMsCeil(watch.end);
  if (end !== null && date < end && date + dateResolution > end) return present(watch);
  return { ...watch, absence: { since: date, last: date, sessionsValidFrom } };
}

/** The watch after an answer that shows it. */
export const present = (watch: Watch): Watch => (watch.absence === null ? watch : { ...watch, absence: null });

/** Whether an absence that began at `since` began at or after the known end. */
export const isPlanned = ({ end }: Watch, since: number): boolean => end !== null && since >= instantMsCeil(end);

/**
 * Graph's time from which on a further absence proves the end: at once when the run began at or after the known end. A run that began
 * earlier needs a second absence, even across the end: else a replica's lag just before it would set the cut-off before the real end.
 */
export function establishedAt(watch: Watch, since: number, timings: Timings): number {
  if (isPlanned(watch, since)) return since;
  const young = since - watch.firstSeen < timings.youngFor;
  return since + (young ? timings.secondAbsenceYoung : timings.secondAbsence);
}

/** Whether the end of this watch is established by an answer of `date` that does not show it. */
export const isGone = (watch: Watch, date: number, timings: Timings): boolean =>
  watch.absence !== null && date >= establishedAt(watch, watch.absence.since, timings);
