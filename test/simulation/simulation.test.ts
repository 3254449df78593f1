import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { missingFrom } from "./coverage.ts";
import { naiveApp } from "./naive-app.ts";
import { search } from "./search.ts";
import { searchMany } from "./search-many.ts";

/** 500 in `npm test`; the gate and `npm run test:simulation` play 2,000. */
const histories = Number(process.env.SIMULATION_HISTORIES ?? 500);
/** The same histories every time, so that a red run is the change's doing. Other seeds: `npm run simulate -- --seed S`. */
const seed = Number(process.env.SIMULATION_SEED ?? 1);

test(`the promises are kept in ${histories} histories (seed ${seed})`, { timeout: 600_000 }, async () => {
  const { tally, played, milliseconds, failures } = await searchMany({ histories, seed, only: "" });
  const counts = tally.entries().map(([what, times]) => `${what} ${times}`);
  console.log(
    `Simulation, seed ${seed}: ${Math.round((played * 1000) / milliseconds)} histories a second.\n${counts.join(", ")}`,
  );
  expect(failures.map(({ story, replay }) => `${story}\n\nAgain: ${replay}`)).toEqual([]);
  expect(played).toBe(histories);
  expect(missingFrom(tally, played), "faults and outcomes that never occurred").toEqual([]);
});

test("the same seed plays the same histories", { timeout: 60_000 }, async () => {
  const [first, second] = [
    await search(coreApp(), { histories: 30, seed }),
    await search(coreApp(), { histories: 30, seed }),
  ];
  expect(second.tally.entries()).toEqual(first.tally.entries());
});

test("an app that believes the list and revokes at once breaks every promise", { timeout: 120_000 }, async () => {
  const complaints = [
    "no privilege was lost",
    "was really gone",
    "nothing was lost since",
    "nothing was recorded",
    "still pending",
  ];
  for (const only of complaints) {
    const { failure } = await search(naiveApp, { histories: 300, seed: 1, only, shrink: false });
    expect(failure?.story, only).toContain(only);
  }
});

test("a failure is shown as a story and played again by its path", { timeout: 120_000 }, async () => {
  const only = "was really gone";
  const { failure } = await search(naiveApp, { histories: 300, seed: 1, only });
  expect(failure?.story).toContain("Broken: never early");
  expect(failure?.story).toMatch(/ {2}03-02 08:\d\d:\d\d\.\d{3} {2}truth: holds role \d/);
  const [kind = "", againSeed, ...path] = failure?.replay.split("=").at(-1)?.split(":") ?? [];
  const again = await search(naiveApp, { kind, histories: 300, seed: Number(againSeed), path: path.join(":"), only });
  expect(again.failure?.story).toBe(failure?.story);
});
