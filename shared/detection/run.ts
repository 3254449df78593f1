import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { graphTime, maybe, optional, text } from "../storage/rows.ts";
import type { Lag } from "./lag.ts";

/** An unbroken run of answers that say the same: Graph's times of the first and of the newest. */
export const runSchema = z.object({ since: graphTime, last: graphTime });
export type Run = Readonly<z.infer<typeof runSchema>>;

/** The run with an answer of `date` added. After too long without an answer it begins anew: two lags are not one (lag table: brokenRun). */
export const extend = (run: Run | null, date: GraphTime, { brokenRun }: Lag): Run =>
  run !== null && date - run.last <= brokenRun ? { ...run, last: date } : { since: date, last: date };

/** The run of answers that do not show a privilege or a membership. */
export const absenceSchema = runSchema.extend({
  /** The user's sessions-valid-from in the first of them, epoch milliseconds; null when Graph had none. */
  sessionsValidFrom: maybe(z.number()),
  /** Graph's time of an earlier answer that still showed it; absent where none is known: only of a group's roles and members. */
  after: optional(graphTime),
  /** What made us look when the run began: the signal by which the end was found. */
  by: optional(text),
});
export type Absence = Readonly<z.infer<typeof absenceSchema>>;

/** What an answer says of something that it does not show. */
interface Denial {
  readonly date: GraphTime;
  readonly sessionsValidFrom: number | null;
  /** Graph's time of an earlier answer that showed it, where one is known. */
  readonly shownAt: GraphTime | null;
  /** What made us look. */
  readonly by?: string;
}

/**
 * The absence with one more answer. It begins anew after too long without an answer, and at the known end: what may have been a lag before that is none
 * after it (lag table: knownEnd).
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
