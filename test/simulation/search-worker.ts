// First, so that zod compiles every schema of the app: the results and the errors are the same (zod docs: compile), and a history takes a tenth less
// time. The deployed app does without: compiling costs a cold start more than its few parses would gain.
import "zod/compile";
import { parentPort } from "node:worker_threads";
import { type CampaignResult, campaign } from "./campaign.ts";
import { coreApp } from "./core-app.ts";
import { mutations } from "./mutations.ts";
import { type Failure, search } from "./search.ts";

/** A portion of histories to be played. */
export interface Order {
  readonly kind: string;
  readonly seed: number;
  readonly histories: number;
  readonly only: string;
  /** Name of the mutation that the core is played with; absent: as it is. Its failures are not made smaller. */
  readonly mutation?: string;
  /** Play them all and count what they break, instead of making the first failure small. */
  readonly campaign?: boolean;
}

/** What came of it. */
export interface Report {
  readonly played: number;
  readonly counts: readonly (readonly [what: string, times: number])[];
  readonly failure: Failure | undefined;
  readonly findings: CampaignResult["findings"];
}

// Faults are errors by the thousand, and nobody reads where they came from: a replay runs outside of a worker, with all of it.
Error.stackTraceLimit = 0;

parentPort?.on("message", async (order: Order) => parentPort?.postMessage(await play(order)));

async function play({ mutation, ...order }: Order): Promise<Report> {
  const app = appOf(mutation);
  if (order.campaign === true) {
    const { played, tally, findings } = await campaign(app, order);
    return { played, counts: tally.entries(), failure: undefined, findings };
  }
  const asItIs = mutation === undefined;
  const options = { ...order, shrink: asItIs, unlike: asItIs ? undefined : coreApp() };
  const { played, tally, failure } = await search(app, options);
  return { played, counts: tally.entries(), failure, findings: [] };
}

function appOf(mutation: string | undefined) {
  if (mutation === undefined) return coreApp();
  const found = mutations.find(({ name }) => name === mutation);
  if (found === undefined) throw new Error(`There is no mutation "${mutation}".`);
  return coreApp(found);
}
