import { parentPort } from "node:worker_threads";
import { coreApp } from "./core-app.ts";
import { mutations } from "./mutations.ts";
import { type Failure, search } from "./search.ts";

/** A portion of histories to be played. */
export interface Order {
  readonly seed: number;
  readonly histories: number;
  readonly only: string;
  /** Name of the mutation that the core is played with; absent: as it is. Its failures are not made smaller. */
  readonly mutation?: string;
}

/** What came of it. */
export interface Report {
  readonly played: number;
  readonly counts: readonly (readonly [what: string, times: number])[];
  readonly failure: Failure | undefined;
}

// Faults are errors by the thousand, and nobody reads where they came from: a replay runs outside of a worker, with all of it.
Error.stackTraceLimit = 0;

parentPort?.on("message", async ({ mutation, ...order }: Order) => {
  const { played, tally, failure } = await search(appOf(mutation), { ...order, shrink: mutation === undefined });
  const report: Report = { played, counts: tally.entries(), failure };
  parentPort?.postMessage(report);
});

function appOf(mutation: string | undefined) {
  if (mutation === undefined) return coreApp();
  const found = mutations.find(({ name }) => name === mutation);
  if (found === undefined) throw new Error(`There is no mutation "${mutation}".`);
  return coreApp(found);
}
