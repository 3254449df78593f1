import type { Listener } from "./listener.ts";
import { describeError, type Log } from "./log.ts";
import type { Lease } from "./singleton-lock.ts";
import { sleep } from "./sleep.ts";
import type { TimerSchedule } from "./timer-schedule.ts";
import { isPastDue, type TimerStatus, type TimerStatusStore, toTimerData } from "./timer-status.ts";

const storageRetryDelay = 5000;

export interface TimerOptions {
  readonly schedule: TimerSchedule;
  readonly runOnStartup: boolean;
  /** Gets the timer's lock; undefined while another host holds it. */
  readonly acquire: () => Promise<Lease | undefined>;
  /** Undefined for a schedule whose status is not remembered. */
  readonly status: TimerStatusStore | undefined;
  /** Milliseconds between attempts to get the lock while another host holds it. */
  readonly lockPolling: number;
  readonly now: () => Date;
  /** Runs the function; how it ends is no concern of the timer's. */
  readonly run: (input: { data: { json: string }; reason: string }) => Promise<unknown>;
  readonly log: Log;
}

/** Runs a timer on the one host that holds its lock. The next occurrence is awaited only when the last run has ended. */
export function startTimerListener(options: TimerOptions): Listener {
  const { schedule, status, now, log } = options;
  const stopping = new AbortController();

  async function fire(reason: string, pastDue: boolean, scheduled: Date, before: TimerStatus | undefined) {
    await options.run({ data: toTimerData(before, pastDue), reason });
    if (!status) return undefined;
    const next = schedule.next(scheduled);
    const after = { last: scheduled.toISOString(), next: next.toISOString(), lastUpdated: now().toISOString() };
    await status.write(after);
    return after;
  }

  async function readStatus(): Promise<TimerStatus | undefined> {
    if (!status) return undefined;
    const known = await status.read();
    if (known) return known;
    const first = { next: schedule.next(now()).toISOString(), lastUpdated: now().toISOString() };
    await status.write(first);
    return first;
  }

  async function runWhileHeld(ended: AbortSignal): Promise<void> {
    let current = await readStatus();
    if (current && isPastDue(current, schedule, now())) {
      current = await fire("Timer is past due.", true, now(), current);
    } else if (options.runOnStartup) {
      current = await fire("Run on startup.", false, now(), current);
    }
    while (!ended.aborted) {
      const due = schedule.next(now());
      while (!ended.aborted && now() < due) await sleep(due.getTime() - now().getTime(), ended);
      if (!ended.aborted) current = await fire("Timer fired.", false, due, current);
    }
  }

  async function holdAndRun(): Promise<void> {
    while (!stopping.signal.aborted) {
      let retryDelay = options.lockPolling;
      try {
        const lease = await options.acquire();
        if (lease) await runWhileHeld(AbortSignal.any([stopping.signal, lease.lost])).finally(lease.release);
      } catch (error) {
        log("error", `A timer could not use its storage, it tries again: ${describeError(error)}`);
        retryDelay = Math.min(retryDelay, storageRetryDelay);
      }
      await sleep(retryDelay, stopping.signal);
    }
  }

  const running = holdAndRun();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
