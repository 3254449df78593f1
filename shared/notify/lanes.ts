import type { Clock } from "../clock.ts";

/** How many messages of one channel may be under way at once in this process. */
const mostAtOnce = 4;

/** A message under way for longer than this, milliseconds, is one of a receiver that is slow or hangs: nobody waits behind it. */
const slowAfter = 1000;

/** A receiver that hangs must leave the invocations of this process to the others. */
export interface Lanes {
  /** Runs the work, after others of its channel where these are quick; null when the channel has no room. */
  run<T>(channel: number, work: () => Promise<T>): Promise<T | null>;
}

interface UnderWay {
  readonly startedAt: number;
  readonly done: Promise<unknown>;
}

export function createLanes(clock: Pick<Clock, "monotonic" | "sleep">): Lanes {
  const lanes = new Map<number, Set<UnderWay>>();

  return {
    async run(channel, work) {
      const lane = lanes.get(channel) ?? new Set<UnderWay>();
      lanes.set(channel, lane);
      while (lane.size >= mostAtOnce) {
        const left = Math.min(...[...lane].map(({ startedAt }) => startedAt)) + slowAfter - clock.monotonic();
        if (left <= 0) return null;
        await Promise.race([...[...lane].map(({ done }) => done), clock.sleep(left)]);
      }
      const result = work();
      const underWay = { startedAt: clock.monotonic(), done: result.catch(() => undefined) };
      lane.add(underWay);
      try {
        return await result;
      } finally {
        lane.delete(underWay);
      }
    },
  };
}
