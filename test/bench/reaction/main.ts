// npm run bench:reaction [-- --ends N] [--latencies 0,50,150] [--seed S] [--channels]: how long the built app takes from a removal to the accepted revoke.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../../../local/setup/given.ts";
import { createRandom } from "../../../local/tenant/random.ts";
import { type BenchChannels, openChannels } from "./channels.ts";
import { drawEnds } from "./ends.ts";
import { type Distribution, judge, judgeMove, type Moved, type Result } from "./judge.ts";
import { openBenchWorld } from "./world.ts";

const { count, seed, latencies, isNotifying } = given(
  `npm run bench:reaction -- [--ends N] [--latencies MS,MS,...] [--seed S] [--channels]

Builds the app and measures how long it takes from a removal to the accepted revoke. Exit code 0: within the bounds; 1: not.

  --ends N            how many ends at each latency, 50 by default
  --latencies MS,...  what one call to Graph takes, milliseconds; 0,50,150 by default
  --seed S            when the ends come; another one each time by default
  --channels          plays the same ends a second time, sent to five channels of which two hang, and compares the medians
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
    return { count, seed: wholeNumber(seed), latencies: latencies.split(",").map(wholeNumber), isNotifying: channels };
  },
);
await import("../../../local/build/bundle.ts");

const out = fileURLToPath(new URL("../../../local/out/", import.meta.url));
await mkdir(out, { recursive: true });
const log = `${out}bench-reaction.log`;
await rm(log, { force: true });

say(`${count} ends at each latency, with seed ${seed}. Starting Azurite, the simulated tenant and the built app ...`);
const quiet = await playAll();
const { notifying, moved } = isNotifying ? await withChannels() : { notifying: [], moved: [] };
await writeFile(
  `${out}bench-reaction.json`,
  `${JSON.stringify({ seed, results: quiet, notifying, moved }, null, 2)}\n`,
);
if ([...quiet, ...notifying, ...moved].some(({ isKept }) => !isKept)) process.exitCode = 1;

/** The same ends at each latency, whoever is notified. */
async function playAll(channels?: BenchChannels): Promise<readonly Result[]> {
  const random = createRandom(seed);
  const results: Result[] = [];
  await using world = await openBenchWorld(seed, log, channels);
  for (const latency of latencies) {
    const result = judge(latency, await world.play(drawEnds(random, count), latency));
    results.push(result);
    show(result);
  }
  await Promise.race([channels?.notified, nothingShown()]);
  return results;
}

async function nothingShown(): Promise<never> {
  await delay(60_000, undefined, { ref: false });
  throw new Error("No channel was notified, or none hangs: nothing was shown.");
}

async function withChannels(): Promise<{ readonly notifying: readonly Result[]; readonly moved: readonly Moved[] }> {
  say("\nThe same ends once more, sent to five channels, of which two hang ...");
  const channels = await openChannels();
  const notifying = await playAll(channels);
  const { taken, hanging } = channels.asked();
  const moved = notifying.map((result, index) => judgeMove(quiet[index] ?? result, result));
  say(`\n${taken} messages were taken, ${hanging} hang.`);
  for (const { latency, by, most, isKept } of moved) {
    say(
      `  ${latency} ms for each call: the median moved by ${by} ms; less than ${most} is asked: ${isKept ? "kept" : "BROKEN"}.`,
    );
  }
  return { notifying, moved };
}

function show({ latency, reaction, provable, reading, act, waited, busiestSecond, bounds, isKept }: Result): void {
  const worst = bounds.worst === null ? "" : ` and the worst ${bounds.worst} ms`;
  say(`\n${latency} ms for each call. Load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores.`);
  say(`  from removal to accepted revoke          ${recorded(reaction)}`);
  say(`    without the wait for a whole second    ${recorded(provable)}`);
  say(`      until an answer shows the removal    ${recorded(reading)}`);
  say(`      from that answer to accepted revoke  ${recorded(act)}`);
  say(
    `  ${waited.ends} waited for the next whole second of Graph's dates, ${waited.longest} ms at most. Nobody was read more than ${busiestSecond} times in one second.`,
  );
  say(`  The median may be ${bounds.median} ms${worst}: ${isKept ? "kept" : "BROKEN"}.`);
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
