import { expect, test } from "vitest";
import { createRandom } from "../../../../local/tenant/random.ts";
import { drawEnds } from "../../../bench/reaction/ends.ts";

test("a seed draws the same ends again", () => {
  expect(drawEnds(createRandom(7), 50)).toEqual(drawEnds(createRandom(7), 50));
  expect(drawEnds(createRandom(7), 50)).not.toEqual(drawEnds(createRandom(8), 50));
});

test("never more than ten ends are waited for at once, and they fall on all parts of a second", () => {
  const ends = drawEnds(createRandom(11), 1000).map(({ seconds }) => seconds);
  const withinFive = ends.map((end) => ends.filter((other) => other >= end && other < end + 5).length);
  expect(Math.max(...withinFive)).toBeLessThanOrEqual(10);
  const tenths = new Set(ends.map((end) => Math.floor((end % 1) * 10)));
  expect(tenths.size).toBe(10);
});

test("each is removed between some hundreds of milliseconds and two seconds after its end", () => {
  const spans = drawEnds(createRandom(11), 1000).map(
    ({ removal: { delayMs, listAfterMs, directoryAfterMs } }) => delayMs + Math.max(listAfterMs, directoryAfterMs),
  );
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(700);
  expect(Math.max(...spans)).toBeLessThanOrEqual(2000);
});
