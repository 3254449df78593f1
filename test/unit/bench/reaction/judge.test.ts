import { expect, test } from "vitest";
import { boundsAt, distributionOf, judge, judgeMove } from "../../../bench/reaction/judge.ts";
import type { Reaction } from "../../../bench/reaction/measure.ts";

/** A reaction that took so long, of which it waited so long for a whole second. */
const took = (milliseconds: number, waited = 0): Reaction => ({
  removedAt: 1000,
  provableAt: 1000 + waited,
  answeredAt: 1000 + waited + 10,
  acceptedAt: 1000 + milliseconds,
  busiestSecond: 10,
});

test("a distribution is of values that were measured", () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect(distributionOf(values)).toEqual({ min: 1, median: 10, p95: 19, worst: 20 });
  expect(distributionOf([7])).toEqual({ min: 7, median: 7, p95: 7, worst: 7 });
  expect(() => distributionOf([])).toThrow(RangeError);
});

test("the bounds grow with the latency of a call", () => {
  expect([0, 50, 150].map(boundsAt)).toEqual([
    { median: 120, worst: 500 },
    { median: 245, worst: null },
    { median: 495, worst: null },
  ]);
});

test("what an end took is split into its parts, and the waits for a whole second are counted", () => {
  expect(judge(0, [took(50), took(400, 300), took(70)])).toEqual({
    latency: 0,
    ends: 3,
    reaction: { min: 50, median: 70, p95: 400, worst: 400 },
    provable: { min: 50, median: 70, p95: 100, worst: 100 },
    reading: { min: 10, median: 10, p95: 10, worst: 10 },
    act: { min: 40, median: 60, p95: 90, worst: 90 },
    waited: { ends: 1, longest: 300 },
    busiestSecond: 10,
    bounds: { median: 120, worst: 500 },
    isKept: true,
  });
});

test.each([
  ["a median at the bound", 0, [took(120), took(120), took(500)], true],
  ["a median above it", 0, [took(121), took(121), took(1)], false],
  ["a median above it by waits for a whole second", 0, [took(200, 150), took(200, 150), took(1)], false],
  ["one reaction above the bound", 0, [took(1), took(1), took(501)], false],
  ["one above it by a wait for a whole second", 0, [took(1), took(1), took(501, 400)], false],
  ["latency, with a median at its bound", 50, [took(245), took(245), took(9000)], true],
  ["latency, with a median above it", 50, [took(246), took(246), took(1)], false],
])("%s", (_name, latency, reactions, isKept) => {
  expect(judge(latency, reactions).isKept).toBe(isKept);
});

test.each([
  ["a median that stays", 70, 70, 0, true],
  ["a median that moves by less than ten milliseconds", 70, 79, 9, true],
  ["one that moves by ten", 70, 80, 10, false],
  ["one that is faster", 90, 70, -20, true],
])("channels are judged by %s", (_name, without, notified, by, isKept) => {
  const resultOf = (milliseconds: number) => judge(50, [took(milliseconds)]);
  expect(judgeMove(resultOf(without), resultOf(notified))).toEqual({ latency: 50, by, most: 10, isKept });
});
