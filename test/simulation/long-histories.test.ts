import fc from "fast-check";
import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { describeBreach } from "./describe-verdict.ts";
import { longestDays, longHistories } from "./long-histories.ts";
import { runHistory } from "./run-history.ts";
import { Tally } from "./world/tally.ts";

const eventful = (longestDays + 1) * 24 * 3_600_000;

test("assignments of weeks end as punctually as those of an hour", { timeout: 300_000 }, async () => {
  const tally = new Tally();
  const property = fc.asyncProperty(longHistories, async (history) => {
    const verdict = await runHistory(history, coreApp(), { eventful });
    tally.addAll(verdict.tally);
    const [breach] = verdict.breaches;
    expect(breach && describeBreach(breach, verdict)).toBeUndefined();
  });
  await fc.assert(property, { seed: Number(process.env.SIMULATION_SEED ?? 1), numRuns: 60 });
  expect(tally.of("outcome revoked")).toBeGreaterThan(30);
});
