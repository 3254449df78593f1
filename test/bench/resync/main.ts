// npm run bench:resync [-- --assignments N] [--own-limits]: what a resync of a large tenant takes on this machine.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../../../local/setup/given.ts";
import { awaitResync } from "./resyncs.ts";
import { usageOf } from "./usage.ts";
import { openBenchWorld } from "./world.ts";

const target = { milliseconds: 3000, megabytes: 300, share: 0.01 };

/** Resource units per ten seconds of a tenant under 50 users and over 500 (Graph docs: throttling-limits). */
const quotas = [3500, 8000];

/**
 * What Node 24 gives itself for JavaScript where it may use 512 MB, as an instance of the app has (seen under a memory limit of that size). On a
 * larger machine it takes more before it tidies up, which says nothing about the app.
 */
const instanceLimits = "--max-old-space-size=256 --max-semi-space-size=1";

/** Resyncs that are measured, after the first of a fresh process. */
const rounds = 6;

const { count, ownLimits } = given(
  `npm run bench:resync -- [--assignments N] [--own-limits]

Builds the app and measures what a resync of a large tenant takes on this machine. Exit code 0: within the targets; 1: not.

  --assignments N  how many active assignments the app watches, 10000 by default
  --own-limits     with the limits that Node gives itself on this machine, not those of an instance of 512 MB
  --help           says this
`,
  (args) => {
    const options = {
      assignments: { type: "string", default: "10000" },
      "own-limits": { type: "boolean", default: false },
    } as const;
    const { assignments, "own-limits": ownLimits } = parseArgs({ args, options }).values;
    if (!/^[1-9]\d*$/.test(assignments)) throw new Error("--assignments takes a whole number from 1 on.");
    return { count: Number(assignments), ownLimits };
  },
);
await import("../../../local/build/bundle.ts");
const nodeOptions = ownLimits ? "" : instanceLimits;
const out = fileURLToPath(new URL("../../../local/out/", import.meta.url));
await mkdir(out, { recursive: true });
const log = `${out}bench-resync.log`;
await rm(log, { force: true });

const say = (line: string) => process.stdout.write(`${line}\n`);

say(`Starting Azurite and the simulated tenant with ${count} assignments that the app watches ...`);
await using world = await openBenchWorld(count);

say(`Load average ${loadavg()[0]?.toFixed(1)}.`);
say(
  nodeOptions === ""
    ? "Node's own limits on this machine."
    : `Node's limits as in an instance of 512 MB: ${nodeOptions}.`,
);
const host = await world.startHost(log, { NODE_OPTIONS: nodeOptions });
await awaitResync(log, (all) => all.length > 0);
const first = { usage: await usageOf(host.pid), at: performance.now(), seq: (await world.history()).at(-1)?.seq ?? 0 };
const all = await awaitResync(log, ({ length }) => length > rounds);
const usage = await usageOf(host.pid);
const seconds = (performance.now() - first.at) / 1000;
const calls = (await world.history(first.seq)).filter(({ event }) => event === "graphCalled").length;
await host.stop();

if (all.some(({ listed, enqueued }) => listed !== count || enqueued !== 0)) {
  throw new Error("What the bench stored is not what the app would have: a resync of a quiet tenant enqueues nobody.");
}
const took = all.slice(1).map(({ milliseconds }) => milliseconds);
const cpu = Math.round((usage.cpu - first.usage.cpu) / rounds);
// Each call in such a quiet tenant is a page of a list and costs one unit, so calls are units.
const units = calls / (seconds / 10);
const result = {
  assignments: count,
  nodeOptions,
  milliseconds: { first: all[0]?.milliseconds, later: took },
  cpuMilliseconds: cpu,
  megabytes: usage.peak,
  unitsPer10Seconds: Math.round(units * 10) / 10,
};
say(
  `A resync: ${all[0]?.milliseconds} ms in a fresh process, then ${took.join(", ")} ms of wall clock, in which Azurite and the tenant work, too;`,
);
say(
  `${cpu} ms of CPU of the host's process (target ${target.milliseconds}); at most ${usage.peak} MB (target ${target.megabytes}).`,
);
say(
  `${units.toFixed(1)} resource units in ten seconds: ${quotas.map((quota) => `${((units / quota) * 100).toFixed(2)} % of ${quota}`).join(", ")} (target ${target.share * 100} %).`,
);
await writeFile(`${out}bench-resync.json`, `${JSON.stringify({ target, ...result }, null, 2)}\n`);
const isHeld =
  Math.max(...took) <= target.milliseconds &&
  usage.peak <= target.megabytes &&
  quotas.every((quota) => units <= target.share * quota);
if (!isHeld) process.exitCode = 1;
