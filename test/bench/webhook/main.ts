// npm run bench:webhook [-- --groups N]: how many notifications a second the built app acknowledges on this machine.
import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../../../local/setup/given.ts";
import { isHeld, longestP99, type Run } from "./judge.ts";
import { runAt } from "./load.ts";
import { openBenchWorld } from "./world.ts";

const target = 500;
const rates = [100, 200, 300, 400, 500, 650, 800, 1000, 1250, 1500, 2000];
const trySeconds = 6;
const holdSeconds = 30;

const groups = given(
  `npm run bench:webhook -- [--groups N]

Builds the app and measures how many notifications a second it acknowledges on this machine. Exit code 0: it held a rate and lost none;
1: it did not.

  --groups N  how many groups it watches, 100 by default
  --help      says this
`,
  (args) => {
    const { groups } = parseArgs({ args, options: { groups: { type: "string", default: "100" } } }).values;
    if (!/^[1-9]\d*$/.test(groups)) throw new Error("--groups takes a whole number from 1 on.");
    return Number(groups);
  },
);
await import("../../../local/build/bundle.ts");
const out = fileURLToPath(new URL("../../../local/out/", import.meta.url));
await mkdir(out, { recursive: true });

const say = (line: string) => process.stdout.write(`${line}\n`);
const show = (run: Run) =>
  say(
    `  ${String(run.rate).padStart(5)}/s for ${String(run.seconds).padStart(2)} s: ${String(run.answered).padStart(6)} acknowledged, ` +
      `p50 ${run.p50} ms, p99 ${run.p99} ms, longest ${run.max} ms, ${run.failed} failed, ` +
      `${run.messages} messages, ${run.withoutSignal} without a signal  ${isHeld(run) ? "held" : "not held"}`,
  );

say("Starting Azurite, the simulated tenant and the built app; subscribing ...");
await using world = await openBenchWorld(groups, `${out}bench-webhook.log`);
say(`${world.subscriptions.length} subscriptions. Load average ${loadavg()[0]?.toFixed(1)}.`);
await runAt(world, 100, 5); // connections, caches and the compiler

const tried: Run[] = [];
const attempt = async (rate: number, seconds: number): Promise<Run> => {
  const run = await runAt(world, rate, seconds);
  tried.push(run);
  show(run);
  return run;
};

let highest = 0;
for (const rate of rates) {
  if (!isHeld(await attempt(rate, trySeconds))) break;
  highest = rate;
}
let held: Run | null = null;
for (let rate = highest; held === null && rate >= 50; rate = Math.floor(rate * 0.9)) {
  const run = await attempt(rate, holdSeconds);
  if (isHeld(run)) held = run;
}

const lost = tried.reduce((sum, run) => sum + run.withoutSignal, 0);
const acknowledged = tried.reduce((sum, run) => sum + run.answered, 0);
const verdict = held === null ? "no rate" : `${held.rate} a second`;
say(`Highest rate with a p99 under ${longestP99} ms for ${holdSeconds} s: ${verdict} (target ${target}).`);
say(`${acknowledged} acknowledged in all, ${lost} of them without a signal persisted in between.`);
await writeFile(`${out}bench-webhook.json`, `${JSON.stringify({ target, held, tried }, null, 2)}\n`);
if (lost > 0 || held === null) process.exitCode = 1;
