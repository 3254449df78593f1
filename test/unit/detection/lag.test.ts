import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { type LagName, type LagRow, lag, lagTable } from "../../../shared/detection/lag.ts";

const rows: readonly (readonly [string, LagRow])[] = Object.entries(lagTable);
const wholeSecond = 1000;

/** What a replica that lags may do to one answer, counted from the date of another. */
const replicaLags: readonly LagName[] = [
  "secondAnswer",
  "newSource",
  "staleRow",
  "unseenSource",
  "userMissing",
  "sessionsLag",
];

test("`lag` has exactly the bounds of the table", () => {
  expect(lag).toEqual(Object.fromEntries(rows.map(([name, { bound }]) => [name, bound])));
});

test("the default timings have no other bounds", () => {
  expect(defaultTimings.lag).toBe(lag);
});

test.each(rows)("the bound of %s is at least what it assumes", (_, { assumed, bound }) => {
  expect(bound).toBeGreaterThanOrEqual(assumed ?? 1);
});

test.each(replicaLags)("the bound of %s is longer than the lag, though Graph's dates are whole seconds", (name) => {
  const { assumed, bound }: LagRow = lagTable[name];
  expect(assumed).not.toBeNull();
  expect(bound - wholeSecond).toBeGreaterThanOrEqual(assumed ?? Number.POSITIVE_INFINITY);
});

test("a run lasts longer without an answer than a new source and a poll take, or it could never become old enough", () => {
  expect(lag.brokenRun).toBeGreaterThan(lag.newSource);
  expect(lag.brokenRun).toBeGreaterThan(defaultTimings.pollEvery);
});

test("an ended holding is remembered for longer than any replica shows it and any audit row takes", () => {
  expect(lag.forget).toBeGreaterThan(lag.staleRow + lag.sourceMatchAfter);
});

test.each(rows)("%s says why it is there, and by what we know it", (_, { why, source }) => {
  expect(why).not.toBe("");
  expect(source).not.toBe("");
});

test.each(rows)(
  "%s without an assumption says so: it is our own choice, or Microsoft publishes no number",
  (_, row) => {
    if (row.assumed === null) expect(["ours", "documented"]).toContain(row.grade);
    else expect(Number.isFinite(row.assumed)).toBe(true);
  },
);

const sources = await Promise.all(
  [...globSync("shared/detection/*.ts"), "shared/enforcement/decide.ts"].map(async (path) => ({
    path,
    // Without comments and texts.
    text: (await readFile(path, "utf8")).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, ""),
  })),
);
const wholeSeconds = /const wholeSecond = 1000;/g;

test.each(sources.filter(({ path }) => !/\/(?:lag|cadences)\.ts$/.test(path)))(
  "$path has no number about lateness: those stand in the lag table, the app's own cadences in theirs",
  ({ text }) => {
    expect(text.replaceAll(wholeSeconds, "").match(/\b\d[\d_]{2,}\b/g)).toBeNull();
  },
);
