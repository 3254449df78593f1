// npm run bench:reaction [-- --ends N] [--latencies 0,50,150] [--seed S] [--channels]: how long the built app takes from a removal to the accepted revoke.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../../../local/setup/given.ts";
import { createRandom } from "../../../local/tenant/random.ts";
import { openChannels } from "./channels.ts";
import { drawEnds } from "./ends.ts";
import { type Distribution, judge, type Result } from "./judge.ts";
import { openBenchWorld } from "./world.ts";

const { count, seed, latencies, isTold } = given(
  `npm run bench:reaction -- [--ends N] [--latencies MS,MS,...] [--seed S] [--channels]

Builds the app and measures how long it takes from a removal to the accepted revoke. Exit code 0: within the bounds; 1: not.

  --ends N            how many ends at each latency, 50 by default
  --latencies MS,...  what one call to Graph takes, milliseconds; 0,50,150 by default
  --seed S            when the ends come; another one each time by default
  --channels          five channels are told of each outcome, and the receivers of two of them hang
  --help              says this
`,
  (args) => {
    const options = {
      ends: { type: "string", default: "50" },
      latencies: { type: "string", default: "0,50,150" },
      channels: { type: "boolean", default: false },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    } as const;
    const { ends, latencies, channels, seed } = parseArgs({ args, options }).values;
    const count = wholeNumber(ends);
    if (count === 0) throw new Error("Without an end there is nothing to measure.");
    return { count, seed: wholeNumber(seed), latencies: latencies.split(",").map(wholeNumber), isTold: channels };
  },
);
await import("../../../local/build/bundle.ts");

const out = fileURLToPath(new URL("../../../local/out/", import.meta.url));
await mkdir(out, { recursive: true });
const log = `${out}bench-reaction.log`;
await rm(log, { force: true });

say(`${count} ends at each latency, with seed ${seed}. Starting Azurite, the simulated tenant and the built app ...`);
const random = createRandom(seed);
const results: Result[] = [];
{
  await using world = await openBenchWorld(seed, log, isTold ? await openChannels() : undefined);
  for (const latency of latencies) {
    const result = judge(latency, await world.play(drawEnds(random, count), latency));
    results.push(result);
    show(result);
  }
}
await writeFile(`${out}bench-reaction.json`, `${JSON.stringify({ seed, results }, null, 2)}\n`);
if (results.some(({ isKept }) => !isKept)) process.exitCode = 1;

function show({ latency, reaction, provable, look, act, waited, busiestSecond, bounds, isKept }: Result): void {
  const worst = bounds.worst === null ? "" : `, and the worst without that wait at most ${bounds.worst}`;
  say(`\n${latency} ms for each call. Load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores.`);
  say(`  from removal to accepted revoke          ${recorded(reaction)}`);
  say(`    without the wait for a whole second    ${recorded(provable)}`);
  say(`      until an answer shows the removal    ${recorded(look)}`);
  say(`      from that answer to accepted revoke  ${recorded(act)}`);
  say(
    `  ${waited.ends} waited for the next whole second of Graph's dates, ${waited.longest} ms at most. Nobody was read more than ${busiestSecond} times in one second.`,
  );
  say(`  The median may be at most ${bounds.median} ms${worst}: ${isKept ? "kept" : "BROKEN"}.`);
}

function recorded({ min, median, p95, worst }: Distribution): string {
  const ms = (value: number) => String(value).padStart(5);
  return `min ${ms(min)}  median ${ms(median)}  p95 ${ms(p95)}  worst ${ms(worst)} ms`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is no whole number.`);
  return Number(text);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
