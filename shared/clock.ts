/** Time as the core sees it. Passed in everywhere, so that tests and the simulation own it. */
export interface Clock {
  /** This machine's wall clock, epoch milliseconds. It may be wrong by minutes: never compare it with Graph's or storage's times. */
  now(): number;
  /** Milliseconds from an arbitrary start that only move forward. The one way to measure a duration. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds. Only for waits of at most five seconds: longer ones belong in a queue message. */
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
