import type { SourceFacts } from "./evidence.ts";

/** Milliseconds, as all times here. */
export const second = 1000;
export const minute = 60 * second;
/** A removed row may be shown for that long. */
export const staleView = 5 * minute;
/** After a commit its writer may call for that long. */
export const lease = 45 * second;
/** What is younger the app need not know: a fresh row is hidden for 60 s, a reading acted upon for 15 s, a lease for 45 s, a call under way for 10 s. */
const newsDelay = 130 * second;
/** What others did to a user's sessions is readable after 15 s; then the same reading and lease. */
export const readBackDelay = 75 * second;
/** So long after the last answer a denial may count as the same one: a loss may count from a moment that long before it. */
export const brokenRun = 90 * second;

/** To read a group's members, twice, when several groups share the budget, and to enqueue each of them. */
export const fanOutBound = 240 * second;

/** Graph's times have whole seconds: within one second nobody can distinguish before from after. */
export const wholeSecond = (time: number): number => Math.floor(time / second) * second;

/** A row that cannot be distinguished from one that has ended seems for minutes to be that one, shown late. */
export const newsDelayOf = ({ anonymous }: SourceFacts): number => newsDelay + (anonymous ? staleView + minute : 0);
