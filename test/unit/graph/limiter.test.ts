import { describe, expect, it } from "vitest";
import { createLimiter } from "../../../shared/graph/pace.ts";
import { testClock } from "./harness.ts";

const used = (percentage: string) => new Headers({ "x-ms-throttle-limit-percentage": percentage });

describe("createLimiter", () => {
  it("admits everything until Graph objects", () => {
    const limiter = createLimiter(testClock());
    limiter.admit("read");
    limiter.admit("write");
    expect(limiter.courtesy()).toBe(0);
  });

  it("holds one class back until the moment that Graph named", () => {
    const clock = testClock();
    const limiter = createLimiter(clock);
    limiter.hold("read", 1_500);
    limiter.admit("write");
    clock.pass(1_499.5);
    expect(() => limiter.admit("read")).toThrow(expect.objectContaining({ code: "heldBack", retryAfter: 1 }));
    clock.pass(0.5);
    limiter.admit("read");
  });

  it("keeps the longest wait", () => {
    const clock = testClock();
    const limiter = createLimiter(clock);
    limiter.hold("write", 9_000);
    limiter.hold("write", 1_000);
    expect(() => limiter.admit("write")).toThrow(expect.objectContaining({ reason: "throttled", retryAfter: 9_000 }));
  });

  it("asks for more courtesy the longer the quota is used up", () => {
    const limiter = createLimiter(testClock());
    const asked = ["0.9", "1.0", "1.2", "1.2", "1.2", "1.7", "1.7"].map((percentage) => {
      limiter.observe(used(percentage));
      return limiter.courtesy();
    });
    expect(asked).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
  });

  it.each(["0.85", "junk"])("asks for none any more after %j", (percentage) => {
    const limiter = createLimiter(testClock());
    limiter.observe(used("1.2"));
    limiter.observe(used(percentage));
    expect(limiter.courtesy()).toBe(0);
  });

  it("learns nothing from an answer that does not say", () => {
    const limiter = createLimiter(testClock());
    limiter.observe(used("1.2"));
    limiter.observe(new Headers());
    expect(limiter.courtesy()).toBe(100);
  });

  it("forgets old news", () => {
    const clock = testClock();
    const limiter = createLimiter(clock);
    limiter.observe(used("1.2"));
    clock.pass(10_000);
    expect(limiter.courtesy()).toBe(0);
  });
});
