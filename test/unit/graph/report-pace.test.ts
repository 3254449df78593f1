import { describe, expect, it } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createReportPace } from "../../../shared/graph/pace.ts";
import { testClock } from "./harness.ts";

describe("createReportPace", () => {
  it("lets two through at once and then one every 3.4 s", async () => {
    const clock = testClock();
    const pace = createReportPace(clock);
    for (let request = 0; request < 5; request += 1) await pace.turn("next");
    expect(clock.sleeps).toEqual([3_400, 3_400, 3_400]);
  });

  it("never lets more than five through in ten seconds, whatever comes when", async () => {
    const clock = testClock();
    const pace = createReportPace(clock);
    const sent: number[] = [];
    for (let ask = 0; ask < 200; ask += 1) {
      clock.pass((ask * 7919) % 4_001);
      await pace.turn("next");
      sent.push(clock.monotonic());
    }
    const inTenSeconds = sent.map((from) => sent.filter((time) => time >= from && time <= from + 10_000).length);
    expect(Math.max(...inTenSeconds)).toBeLessThanOrEqual(5);
    expect(Math.max(...inTenSeconds)).toBeGreaterThanOrEqual(4);
  });

  it("sends a new reading away until later when its turn is over two seconds away, and counts no request for it", async () => {
    const clock = testClock();
    const pace = createReportPace(clock);
    await pace.turn("first");
    await pace.turn("first");
    const refused = expect.objectContaining({ code: "reportPace", reason: "throttled", retryAfter: 3_400 });
    await expect(pace.turn("first")).rejects.toEqual(refused);
    await expect(pace.turn("first")).rejects.toBeInstanceOf(GraphRetryableError);
    clock.pass(1_400);
    await pace.turn("first");
    expect(clock.sleeps).toEqual([2_000]);
  });

  it("sends a second reading that pages at the same time away until later", async () => {
    const clock = { ...testClock(), sleep: async () => {} };
    const pace = createReportPace(clock);
    for (let request = 0; request < 3; request += 1) await pace.turn("next");
    await expect(pace.turn("next")).rejects.toMatchObject({ code: "reportPace", retryAfter: 6_800 });
  });
});
