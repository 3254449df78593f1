import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../shared/detection/cadences.ts";
import { type Change, coreApp } from "./core-app.ts";
import { canonicalHistory, crashAt, crashPoints } from "./crash-matrix.ts";
import type { History } from "./history.ts";
import { historyStart } from "./run-history.ts";
import { withoutStandby } from "./without-standby.ts";

const second = 1000;
const minute = 60 * second;

/** One announced end that PIM removes 1.2 s after it, and two instances. */
const twoInstances = (seed: number): History => ({
  ...canonicalHistory,
  seed,
  instanceSkews: [0, 0],
  principals: canonicalHistory.principals.slice(0, 1),
});
const end = historyStart - minute + 2 * minute + 400;
const gone = end + 1200;

/** The process that waits may have put it back just before it died: a second, and up to one more until somebody asks the queue. */
const backOnceMore = defaultTimings.standbyEvery + second;

/** How long after the removal the revoke is accepted, for a death of one instance at each of the readings for an end that is waited for. */
async function delays(seed: number, change: Change = (dependencies) => dependencies): Promise<number[]> {
  const app = coreApp({ change });
  const history = twoInstances(seed);
  const points = await crashPoints(app, history, [{ from: end - 4 * second, to: gone }]);
  const readings = points.filter(({ call }) => call === "graph.readPrincipal");
  // Who dies before the end of the first reading has not begun to wait.
  const waiting = readings.slice(2);
  expect(waiting.length).toBeGreaterThan(5);
  const results: number[] = [];
  for (const point of waiting) {
    const { verdict, problems } = await crashAt(app, point, history);
    expect(problems).toEqual([]);
    results.push((verdict.evidence.revokes[0]?.appliedAt ?? Number.NaN) - gone);
  }
  return results;
}

describe.each([1, 2, 3, 4, 5])("seed %i", (seed) => {
  test("of two instances either may die while one waits for a known end: the sessions are cut in time", async () => {
    expect(Math.max(...(await delays(seed)))).toBeLessThan(backOnceMore + 1000);
  });

  test("without the standby message they are cut when a resync finds that nobody waits any more", async () => {
    expect(Math.max(...(await delays(seed, withoutStandby)))).toBeGreaterThan(backOnceMore + 1000);
  });
});
