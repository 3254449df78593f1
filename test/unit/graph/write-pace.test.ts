import { describe, expect, it } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createWritePace } from "../../../shared/graph/pace.ts";
import { failureOf } from "./harness.ts";

/** Time stands still unless moved; sleeps are only noted, as when many wait at once. */
function stoppedClock() {
  const clock = {
    time: 0,
    sleeps: [] as number[],
    now: () => 0,
    monotonic: () => clock.time,
    sleep: async (ms: number) => void clock.sleeps.push(ms),
  };
  return clock;
}

async function turns(count: number, turn: () => Promise<void>) {
  const results = await Promise.allSettled(Array.from({ length: count }, turn));
  return results.filter(({ status }) => status === "fulfilled").length;
}

describe("createWritePace", () => {
  it("lets a burst through at once, then queues up to two seconds, then sends back", async () => {
    const clock = stoppedClock();
    const pace = createWritePace(clock);
    expect(await turns(200, pace.turn)).toBe(188);
    expect(clock.sleeps).toHaveLength(38);
    expect(clock.sleeps[0]).toBe(53);
    expect(clock.sleeps.at(-1)).toBe(2_000);
    const error = await failureOf(pace.turn());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ code: "writePace", reason: "throttled", retryAfter: 2_053 });
  });

  it("never allows more than 3,000 writes in any 150 s", async () => {
    const clock = stoppedClock();
    const pace = createWritePace(clock);
    const sentAt: number[] = [];
    for (let second = 0; second < 400; second += 1) {
      clock.time = second * 1_000;
      clock.sleeps.length = 0;
      const granted = await turns(300, pace.turn);
      const atOnce = new Array<number>(granted - clock.sleeps.length).fill(clock.time);
      sentAt.push(...atOnce, ...clock.sleeps.map((wait) => clock.time + wait));
    }
    const spans = sentAt.slice(3_000).map((time, index) => time - (sentAt[index] ?? 0));
    expect(spans.length).toBeGreaterThan(3_000);
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(150_000);
  });

  it("recovers its burst, but no more than that", async () => {
    const clock = stoppedClock();
    const pace = createWritePace(clock);
    await turns(188, pace.turn);
    clock.time = 3_600_000;
    clock.sleeps.length = 0;
    await turns(150, pace.turn);
    expect(clock.sleeps).toEqual([]);
    await pace.turn();
    expect(clock.sleeps).toEqual([53]);
  });
});
