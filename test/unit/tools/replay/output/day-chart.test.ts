import { expect, test } from "vitest";
import { dayChart } from "../../../../../tools/replay/output/day-chart.ts";

const heights = (chart: string, kind: string) =>
  [...chart.matchAll(new RegExp(`<rect class="${kind}"[^>]* height="([^"]+)"`, "g"))].map((match) => Number(match[1]));

test("the highest bar fills the chart, the others have their share", () => {
  const chart = dayChart([
    { day: "2026-03-01", ends: 4, signOuts: 2 },
    { day: "2026-03-02", ends: 1, signOuts: 0 },
  ]);
  expect(heights(chart, "ends")).toEqual([156, 39]);
  expect(heights(chart, "sign-outs")).toEqual([78, 0]);
  expect(chart).toContain("the highest bar stands for 4 ends");
});

test("no day, no bar", () => expect(heights(dayChart([]), "ends")).toEqual([]));

test("one day is labelled once", () => {
  expect(dayChart([{ day: "2026-03-01", ends: 1, signOuts: 1 }]).match(/<text/g)).toHaveLength(1);
});
