import type { TenantClock } from "./clock.ts";
import type { Happening, HistoryEvent } from "./history-events.ts";
import { isoMilliseconds } from "./iso-time.ts";

/** What really happened in the tenant, in order: the only thing a judge of a story or a test needs to read. */
export interface History {
  record(happening: Happening): void;
  /** Events with a `seq` above `after`. */
  since(after: number): HistoryEvent[];
  /** Resolves when there is something after `after`, or when `milliseconds` of real time have passed. */
  wait(after: number, milliseconds: number): Promise<void>;
  close(): void;
}

export function createHistory(clock: TenantClock): History {
  const events: HistoryEvent[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };
  return {
    record(happening) {
      clock.settle(); // what was due before this must stand before it
      events.push({ seq: events.length + 1, at: isoMilliseconds(clock.now()), ...happening });
      wake();
    },
    since: (after) => events.slice(Math.max(0, after)),
    wait(after, milliseconds) {
      if (events.length > after) return Promise.resolve();
      return new Promise((resolve) => {
        const resume = () => {
          clearTimeout(timer);
          waiting.delete(resume);
          resolve();
        };
        const timer = setTimeout(resume, milliseconds);
        waiting.add(resume);
      });
    },
    close: wake,
  };
}
