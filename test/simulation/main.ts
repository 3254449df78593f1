import { parseArgs } from "node:util";
import type { Finding } from "./campaign.ts";
import { coreApp } from "./core-app.ts";
import { missingFrom } from "./coverage.ts";
import { mixed } from "./kinds/kinds.ts";
import { help, options } from "./options.ts";
import { type Failure, search } from "./search.ts";
import { searchMany } from "./search-many.ts";
import type { Tally } from "./world/tally.ts";

const values = given();
if (values.help) {
  console.log(help);
  process.exit(0);
}
const { kind, only, all, campaign } = values;

if (values.replay === undefined) {
  const seed = wholeNumber("seed", values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  const histories = wholeNumber("histories", values.histories);
  const workers = values.workers === undefined ? {} : { workers: wholeNumber("workers", values.workers) };
  console.log(`Simulation, seed ${seed}: ${histories} histories, kind ${kind}`);
  let recorded = 0;
  let failed = 0;
  const progress = (played: number) => {
    if (played < recorded + 10_000) return;
    recorded = played;
    console.log(`${played} played, ${failed} failed`);
  };
  const { tally, played, milliseconds, failures, findings } = await searchMany({
    ...workers,
    kind,
    campaign,
    seed,
    histories,
    only,
    all,
    progress,
    found: (failure) => {
      failed += 1;
      reportFailure(failure);
    },
  });
  printCounts(tally);
  for (const finding of findings) printFinding(finding);
  const rate = Math.round((played * 1000) / milliseconds);
  console.log(`${played} histories in ${(milliseconds / 1000).toFixed(1)} s: ${rate} a second`);
  const broken = failures.length + findings.length;
  const missing = broken > 0 || kind !== mixed ? [] : missingFrom(tally, played);
  if (missing.length > 0) console.log(`Never occurred, so nothing was shown about it: ${missing.join(", ")}`);
  if (failures.length > 0) console.log(`Failures: ${failures.length}`);
  if (broken + missing.length > 0) process.exitCode = 1;
  else console.log("Every promise was kept.");
} else {
  const [kindName = "", seed = "", ...path] = values.replay.split(":");
  console.log(`Simulation: replay of ${values.replay}`);
  const one = { kind: kindName, seed: wholeNumber("replay", seed), path: path.join(":"), histories: 1, only };
  const { tally, failure } = await search(coreApp(), one);
  printCounts(tally);
  if (failure === undefined) console.log("Every promise was kept.");
  else {
    reportFailure(failure);
    process.exitCode = 1;
  }
}

function given() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(why: string): never {
  console.error(`${why}\n\n${help}`);
  process.exit(2);
}

function reportFailure({ story, history, replay }: Failure): void {
  console.log(`\n${story}\n\nThe history:\n${JSON.stringify(history, null, 1)}\n\nAgain: ${replay}\n`);
}

function printFinding({ what, replays }: Finding): void {
  console.log(`${String(replays.length).padStart(9)}  ${what}   --replay=${replays.slice(0, 4).join(" ")}`);
}

function printCounts(tally: Tally): void {
  for (const [what, times] of tally.entries()) console.log(`${String(times).padStart(9)}  ${what}`);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || text === "") {
    refuse(`--${option} takes a whole number, --replay takes KIND:SEED:PATH as a failure prints it.`);
  }
  return number;
}
