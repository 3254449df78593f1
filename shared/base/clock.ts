/**
 * Three clocks that must not be mixed. Each is a number of milliseconds; a difference of two is a plain number, and a plain number may become any of them.
 * But a time of one clock is no time of another: the compiler refuses storage's time where Graph's is wanted.
 */
/** Graph's time: the `Date` header, epoch milliseconds at whole seconds, or an estimate from one. */
export type GraphTime = number & { readonly clock?: "graph" };
/** Storage's time: the `Date` header of tables and queues, epoch milliseconds. */
export type StorageTime = number & { readonly clock?: "storage" };
/** `Clock.monotonic()` of this process. */
export type MonotonicTime = number & { readonly clock?: "monotonic" };

/** Milliseconds. */
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The earliest of these times; null where there are none. */
export const earliest = <T extends number>(times: readonly T[]): T | null =>
  times.length === 0 ? null : times.reduce((a, b) => (b < a ? b : a));

/** Time as the core sees it. Passed in everywhere, so that tests and the simulation control it. */
export interface Clock {
  /** This machine's wall clock, epoch milliseconds. It may be wrong by minutes: never compare it with Graph's or storage's times. */
  now(): number;
  /** Milliseconds from an arbitrary start that only move forward. The one way to measure a duration. */
  monotonic(): MonotonicTime;
  /** Resolves after `ms` milliseconds. Only for waits of at most five seconds: longer ones belong in a queue message. */
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
