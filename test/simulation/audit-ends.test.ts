import fc from "fast-check";
import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { describeBreach } from "./describe-verdict.ts";
import { kindOf } from "./kinds/kinds.ts";
import { runHistory } from "./run-history.ts";
import type { AppUnderTest } from "./world/app.ts";
import { Tally } from "./world/tally.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 1);
/** `AUDIT_HISTORIES` plays more of them. */
const histories = Number(process.env.AUDIT_HISTORIES ?? 200);

/** The first breach as a story, with its history; undefined when every promise is kept. */
async function firstBreach(app: AppUnderTest, tally: Tally): Promise<string | undefined> {
  let story: string | undefined;
  const property = fc.asyncProperty(kindOf("recorded"), async (history) => {
    const verdict = await runHistory(history, app);
    tally.addAll(verdict.tally);
    const [breach] = verdict.breaches;
    story = breach && `${describeBreach(breach, verdict)}\n\n${JSON.stringify(history)}`;
    return breach === undefined;
  });
  const { failed } = await fc.check(property, { seed, numRuns: histories, endOnFailure: true });
  return failed ? story : undefined;
}

test("ends that only the audit log reports are settled as well", { timeout: 1_200_000 }, async () => {
  const tally = new Tally();
  expect(await firstBreach(coreApp(), tally)).toBeUndefined();
  expect(tally.of("outcome of what only the audit log reported")).toBeGreaterThan(histories / 4);
});

test("an app that does not read it is found out", { timeout: 60_000 }, async () => {
  const app = coreApp();
  const start: AppUnderTest["start"] = (...all) => ({ ...app.start(...all), catchUp: async () => undefined });
  expect(await firstBreach({ ...app, start }, new Tally())).toContain("nothing came of it");
});
