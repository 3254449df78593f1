import type { Clock } from "../base/clock.ts";
import type { Dated } from "./graph.ts";

/** An estimate of Graph's time between two answers: the newest `Date` plus what has passed since, so that our own clock's error does not matter. */
export interface GraphClock {
  observe(answer: Dated<unknown>): void;
  /** Epoch milliseconds, at most a second behind Graph's true time. Before the first answer: `otherwise`, or else this machine's wall clock. */
  now(otherwise?: number): number;
}

export function createGraphClock(clock: Clock): GraphClock {
  let newest: { readonly date: number; readonly at: number } | undefined;
  return {
    observe({ date, at }) {
      if (newest === undefined || at >= newest.at) newest = { date, at };
    },
    now: (otherwise = clock.now()) => (newest === undefined ? otherwise : newest.date + clock.monotonic() - newest.at),
  };
}
