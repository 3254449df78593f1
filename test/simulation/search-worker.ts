import { parentPort } from "node:worker_threads";
import { coreApp } from "./core-app.ts";
import { type Failure, search } from "./search.ts";

/** A portion of histories to be played. */
export interface Order {
  readonly seed: number;
  readonly histories: number;
  readonly only: string;
}

/** What came of it. */
export interface Report {
  readonly played: number;
  readonly counts: readonly (readonly [what: string, times: number])[];
  readonly failure: Failure | undefined;
}

parentPort?.on("message", async (order: Order) => {
  const { played, tally, failure } = await search(coreApp(), order);
  const report: Report = { played, counts: tally.entries(), failure };
  parentPort?.postMessage(report);
});
