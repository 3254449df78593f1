import { expect, test } from "vitest";
import { dayBars } from "../../../../../tools/replay/output/day-bars.ts";

test("bars are as long as their share of the most", () => {
  const bars = dayBars([
    { day: "2026-03-01", ends: 8, signOuts: 8 },
    { day: "2026-03-02", ends: 3, signOuts: 2 },
    { day: "2026-03-03", ends: 0, signOuts: 0 },
    { day: "2026-03-04", ends: 1, signOuts: 1 },
  ]);
  expect(bars).toEqual([
    `2026-03-01  ${"█".repeat(40)} 8 sign-outs, 8 ends`,
    `2026-03-02  ${"█".repeat(10)}${" ".repeat(30)} 2 sign-outs, 3 ends`,
    `2026-03-03  ${" ".repeat(40)} ·`,
    `2026-03-04  ${"█".repeat(5)}${" ".repeat(35)} 1 sign-out, 1 end`,
  ]);
});

test("an eighth of a character counts", () => {
  const days = [320, 1].map((signOuts) => ({ day: "2026-03-01", ends: signOuts, signOuts }));
  expect(dayBars(days)[1]).toContain("▏ ");
});
