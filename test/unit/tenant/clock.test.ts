import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTenantClock } from "../../../local/tenant/clock.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("runs at its scale from its own epoch", () => {
  const clock = createTenantClock({ epoch: 1_000_000, scale: 10 });
  vi.advanceTimersByTime(500);
  expect(clock.now()).toBe(1_005_000);
});

test("changes its scale without a jump", () => {
  const clock = createTenantClock({ epoch: 0 });
  vi.advanceTimersByTime(1000);
  clock.setScale(60);
  expect(clock.now()).toBe(1000);
  vi.advanceTimersByTime(1000);
  expect(clock.now()).toBe(61_000);
});

test("fires timers by its own time, also when sped up while they wait", () => {
  const clock = createTenantClock({ epoch: 0 });
  const fired: number[] = [];
  clock.at(60_000, () => fired.push(clock.now()));
  vi.advanceTimersByTime(1000);
  expect(fired).toEqual([]);
  clock.setScale(59);
  vi.advanceTimersByTime(1000);
  expect(fired).toEqual([60_000]);
});

test("a jump runs every timer on the way at its own moment, and those that they set", () => {
  const clock = createTenantClock({ epoch: 0, scale: 0 });
  const fired: [string, number][] = [];
  clock.at(2000, () => fired.push(["second", clock.now()]));
  clock.at(1000, () => {
    fired.push(["first", clock.now()]);
    clock.at(1500, () => fired.push(["between", clock.now()]));
  });
  clock.at(9000, () => fired.push(["too late", clock.now()]));
  clock.jump(5000);
  expect(fired).toEqual([
    ["first", 1000],
    ["between", 1500],
    ["second", 2000],
  ]);
  expect(clock.now()).toBe(5000);
});

test("settling runs what a busy event loop has not got to yet", () => {
  const clock = createTenantClock({ epoch: 0 });
  const fired: number[] = [];
  clock.at(100, () => fired.push(clock.now()));
  vi.setSystemTime(Date.now()); // timers do not run; only time passes
  const real = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(real + 250);
  clock.settle();
  expect(fired).toEqual([100]);
});

test("timers of the same moment keep their order", () => {
  const clock = createTenantClock({ epoch: 0, scale: 0 });
  const fired: string[] = [];
  clock.at(1000, () => fired.push("a"));
  clock.at(1000, () => fired.push("b"));
  clock.jump(1000);
  expect(fired).toEqual(["a", "b"]);
});

test("a stopped clock fires nothing", () => {
  const clock = createTenantClock({ epoch: 0 });
  const fired: string[] = [];
  clock.at(10, () => fired.push("late"));
  clock.stop();
  vi.advanceTimersByTime(1000);
  expect(fired).toEqual([]);
});
