import { expect, test } from "vitest";
import { spellLatency, spellSpan, spellTime } from "../../../shared/status/sections.ts";

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1 s"],
  [9940, "9.9 s"],
  [10_000, "10 s"],
  [60_000, "1 min"],
  [75_000, "1 min 15 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [3_605_000, "1 h"],
  [90_000_000, "1 d 1 h"],
])("%d ms is spelt %s", (milliseconds, words) => {
  expect(spellSpan(milliseconds)).toBe(words);
});

test("a time is spelt without what every time on the page shares", () => {
  expect(spellTime("2026-03-02T10:00:49.123Z")).toBe("2026-03-02 10:00:49");
});

test("a latency is shown by its upper bound", () => {
  expect(spellLatency(1000)).toBe("under 1 s");
  expect(spellLatency(2400)).toBe("under 2.4 s");
});
