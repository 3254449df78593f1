import fc from "fast-check";
import { expect, test } from "vitest";
import { type Change, coreApp } from "./core-app.ts";
import { describeBreach } from "./describe-verdict.ts";
import { runHistory } from "./run-history.ts";
import { toldHistories } from "./told-histories.ts";
import { Tally } from "./world/tally.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 1);
const histories = Number(process.env.SIMULATION_HISTORIES ?? 200);

/** The first breach, as a story; undefined when every promise is kept. */
async function firstBreach(tally: Tally, change?: Change, numRuns = histories): Promise<string | undefined> {
  const app = coreApp(change === undefined ? {} : { change });
  let story: string | undefined;
  const property = fc.asyncProperty(toldHistories, async (history) => {
    const verdict = await runHistory(history, app);
    tally.addAll(verdict.tally);
    const [breach] = verdict.breaches;
    story = breach && `${describeBreach(breach, verdict)}\n\n${JSON.stringify(history)}`;
    return breach === undefined;
  });
  const { failed } = await fc.check(property, { seed, numRuns, endOnFailure: true });
  return failed ? story : undefined;
}

test("ends that only the audit log tells are settled as well", { timeout: 300_000 }, async () => {
  const tally = new Tally();
  expect(await firstBreach(tally)).toBeUndefined();
  expect(tally.of("outcome of what only the audit log told")).toBeGreaterThan(histories / 4);
});
