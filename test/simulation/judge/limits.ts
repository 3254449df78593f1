/** Milliseconds, as all times here. */
export const second = 1000;
export const minute = 60 * second;
/** A removed row may be shown for that long. */
export const staleView = 5 * minute;
/** A fresh row may be hidden for a minute, and a call may be under way for some seconds: what is younger need not be known. */
export const newsDelay = 2 * minute;
/** What others did to a user's sessions is readable after that time. */
export const readBackDelay = 30 * second;

/** Graph's times have whole seconds: within one second nobody can tell before from after. */
export const wholeSecond = (time: number): number => Math.floor(time / second) * second;
