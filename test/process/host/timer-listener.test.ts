import { describe, expect, it } from "vitest";
import { startTimerListener, type TimerOptions } from "../../../local/host/timer-listener.ts";
import type { TimerStatus } from "../../../local/host/timer-status.ts";

function signal() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const everyMillisecond = { next: (after: Date) => new Date(after.getTime() + 1), isMonitored: false };
const never = { next: () => new Date("2999-01-01T00:00:00Z"), isMonitored: true };

function lease() {
  const lost = new AbortController();
  let released = false;
  return {
    lost,
    isReleased: () => released,
    value: {
      lost: lost.signal,
      release: async () => {
        released = true;
      },
    },
  };
}

function optionsWith(overrides: Partial<TimerOptions>): TimerOptions {
  return {
    schedule: never,
    runOnStartup: false,
    status: undefined,
    acquire: async () => lease().value,
    lockPolling: 1,
    now: () => new Date(),
    run: async () => {},
    log: () => {},
    ...overrides,
  };
}

/** A run function that resolves when it was called for the `count`th time. */
function recorder(count: number) {
  const calls: { data: { json: string }; reason: string }[] = [];
  const reached = signal();
  const run = async (input: { data: { json: string }; reason: string }) => {
    if (calls.push(input) === count) reached.resolve();
  };
  return { calls, run, reached: reached.promise };
}

describe("startTimerListener", () => {
  it("never overlaps itself", async () => {
    let running = 0;
    let most = 0;
    const { run, reached } = recorder(5);
    const slow: TimerOptions["run"] = async (input) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      running -= 1;
      await run(input);
    };
    const listener = startTimerListener(optionsWith({ schedule: everyMillisecond, run: slow }));
    await reached;
    await listener.stop();
    expect(most).toBe(1);
  });

  it("runs at startup when asked to, and gives the lock back when stopped", async () => {
    const held = lease();
    const { calls, run, reached } = recorder(1);
    const listener = startTimerListener(optionsWith({ runOnStartup: true, run, acquire: async () => held.value }));
    await reached;
    await listener.stop();
    expect(calls).toMatchObject([{ reason: "Run on startup." }]);
    expect(held.isReleased()).toBe(true);
  });

  it("runs a missed occurrence once as past due and remembers it", async () => {
    const now = new Date("2026-03-01T10:07:00Z");
    const hourly = { next: (after: Date) => new Date(after.getTime() + 300_000), isMonitored: true };
    const missed: TimerStatus = {
      last: "2026-03-01T09:55:00.000Z",
      next: "2026-03-01T10:00:00.000Z",
      lastUpdated: "2026-03-01T09:55:00.000Z",
    };
    const written: TimerStatus[] = [];
    const stored = signal();
    const status = {
      read: async () => missed,
      write: async (value: TimerStatus) => {
        written.push(value);
        stored.resolve();
      },
    };
    const { calls, run } = recorder(1);
    const listener = startTimerListener(
      optionsWith({ schedule: hourly, status, run, now: () => now, runOnStartup: true }),
    );
    await stored.promise;
    await listener.stop();
    expect(calls.map((call) => JSON.parse(call.data.json))).toEqual([
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: { Last: missed.last, Next: missed.next, LastUpdated: missed.lastUpdated },
        IsPastDue: true,
      },
    ]);
    expect(written).toEqual([
      { last: now.toISOString(), next: "2026-03-01T10:12:00.000Z", lastUpdated: now.toISOString() },
    ]);
  });

  it("stops firing when it loses the lock and asks for it again", async () => {
    const first = lease();
    const asked = signal();
    let attempts = 0;
    const acquire = async () => {
      attempts += 1;
      if (attempts === 1) return first.value;
      asked.resolve();
      return undefined;
    };
    const { calls, run, reached } = recorder(1);
    const listener = startTimerListener(
      optionsWith({
        schedule: everyMillisecond,
        acquire,
        run: async (input) => {
          first.lost.abort();
          await run(input);
        },
      }),
    );
    await reached;
    await asked.promise;
    await listener.stop();
    expect(calls).toHaveLength(1);
  });
});
