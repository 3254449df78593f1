import { describe, expect, it } from "vitest";
import { createQueueBackoff } from "../../../local/host/queue-backoff.ts";

describe("createQueueBackoff", () => {
  it("doubles from 100 ms to the maximum and starts over when messages were found", () => {
    const next = createQueueBackoff(1000, () => 0.5);
    expect([next(false), next(false), next(false), next(false), next(false)]).toEqual([200, 300, 500, 900, 1000]);
    expect([next(true), next(false)]).toEqual([100, 200]);
  });

  it("varies each step by a fifth", () => {
    expect(createQueueBackoff(1000, () => 0)(false)).toBe(180);
    expect(createQueueBackoff(1000, () => 1)(false)).toBeCloseTo(220);
  });

  it("never waits longer than a maximum below 100 ms", () => {
    const next = createQueueBackoff(50, () => 0.5);
    expect([next(true), next(false)]).toEqual([50, 50]);
  });
});
