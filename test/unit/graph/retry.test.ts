import { describe, expect, it, vi } from "vitest";
import { GraphPermanentError, GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import { retryRead, SleepBudget } from "../../../shared/graph/read.ts";
import { failureOf, testClock } from "./harness.ts";

const unavailable = () => new GraphRetryableError("down", { code: "http503", reason: "unavailable" });
const throttled = (retryAfter: number) =>
  new GraphRetryableError("wait", { code: "x", reason: "throttled", retryAfter });
const admit = () => {};

function setUp() {
  const clock = testClock();
  return { clock, budget: new SleepBudget(clock), once: vi.fn<() => Promise<string>>() };
}

describe("retryRead", () => {
  it("tries at most three times, with growing pauses", async () => {
    const { clock, budget, once } = setUp();
    once.mockImplementation(() => Promise.reject(unavailable()));
    expect(await failureOf(retryRead(once, admit, budget, () => 0.5))).toMatchObject({ code: "http503" });
    expect(once).toHaveBeenCalledTimes(3);
    expect(clock.sleeps).toEqual([200, 400]);
  });

  it.each([
    [0, [100, 200]],
    [0.999, [299.8, 599.6]],
  ])("jitters its pauses (random %d)", async (random, pauses) => {
    const { clock, budget, once } = setUp();
    once.mockRejectedValueOnce(unavailable()).mockRejectedValueOnce(unavailable()).mockResolvedValueOnce("read");
    expect(await retryRead(once, admit, budget, () => random)).toBe("read");
    expect(clock.sleeps).toEqual(pauses);
  });

  it("keeps a short wait that Graph asks for", async () => {
    const { clock, budget, once } = setUp();
    once.mockRejectedValueOnce(throttled(2_000)).mockResolvedValueOnce("read");
    expect(await retryRead(once, admit, budget, () => 0)).toBe("read");
    expect(clock.sleeps).toEqual([2_100]);
  });

  it("leaves a long wait to the queue", async () => {
    const { clock, budget, once } = setUp();
    once.mockRejectedValueOnce(throttled(2_001));
    expect(await failureOf(retryRead(once, admit, budget, () => 0))).toMatchObject({ retryAfter: 2_001 });
    expect(clock.sleeps).toEqual([]);
  });

  it("sleeps at most three seconds in all requests of one call together", async () => {
    const { clock, budget, once } = setUp();
    once
      .mockRejectedValueOnce(throttled(2_000))
      .mockResolvedValueOnce("first page")
      .mockRejectedValueOnce(throttled(2_000));
    await retryRead(once, admit, budget, () => 0);
    expect(await failureOf(retryRead(once, admit, budget, () => 0))).toMatchObject({ retryAfter: 2_000 });
    expect(clock.sleeps).toEqual([2_100]);
  });

  it("tries a refusal for want of a licence again, and believes the third", async () => {
    const { budget, once } = setUp();
    const refusal = new GraphPermanentError("no licence", { code: "AadPremiumLicenseRequired", status: 400 });
    once.mockRejectedValueOnce(refusal).mockResolvedValueOnce("read");
    expect(await retryRead(once, admit, budget, () => 0)).toBe("read");
    once.mockReset().mockRejectedValue(refusal);
    await expect(retryRead(once, admit, budget, () => 0)).rejects.toBe(refusal);
    expect(once).toHaveBeenCalledTimes(3);
  });

  it.each([
    new GraphPermanentError("no", { code: "x" }),
    new GraphUncertainError("?", { code: "x" }),
    new Error("a bug"),
  ])("does not repeat what a repetition cannot mend (%s)", async (failure) => {
    const { budget, once } = setUp();
    once.mockRejectedValue(failure);
    await expect(retryRead(once, admit, budget, () => 0)).rejects.toBe(failure);
    expect(once).toHaveBeenCalledTimes(1);
  });

  it("asks for admission before every try and takes no for an answer", async () => {
    const { budget, once } = setUp();
    once.mockRejectedValueOnce(unavailable());
    const admitOnce = vi
      .fn()
      .mockImplementationOnce(admit)
      .mockImplementationOnce(() => {
        throw throttled(500);
      });
    expect(await failureOf(retryRead(once, admitOnce, budget, () => 0))).toMatchObject({ retryAfter: 500 });
    expect(once).toHaveBeenCalledTimes(1);
  });
});
