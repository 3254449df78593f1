import { parseArgs } from "node:util";
import { coreApp } from "./core-app.ts";
import { missingFrom } from "./coverage.ts";
import { search } from "./search.ts";

/** `npm run simulate -- [--histories N] [--seed S] [--replay SEED:PATH] [--only WORDS]` */
const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "2000" },
    seed: { type: "string" },
    replay: { type: "string" },
    only: { type: "string" },
  },
});
const [replaySeed, ...replayPath] = values.replay?.split(":") ?? [];
const seed = Number(replaySeed ?? values.seed ?? Math.floor(Math.random() * 2 ** 31));
const path = values.replay === undefined ? undefined : replayPath.join(":");
const histories = Number(values.histories);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(histories) || histories < 1) {
  throw new Error("--seed and --histories take whole numbers, --replay takes SEED:PATH as a failure prints it.");
}

console.log(`Simulation, seed ${seed}: ${path === undefined ? `${histories} histories` : `replay of ${path}`}`);
const { tally, played, milliseconds, failure } = await search(coreApp(), { histories, seed, path, only: values.only });
for (const [what, times] of tally.entries()) console.log(`${String(times).padStart(9)}  ${what}`);
console.log(
  `${played} histories in ${(milliseconds / 1000).toFixed(1)} s: ${Math.round((played * 1000) / milliseconds)} a second`,
);
if (failure !== undefined) {
  console.log(
    `\n${failure.story}\n\nThe history:\n${JSON.stringify(failure.history, null, 1)}\n\nAgain: ${failure.replay}`,
  );
  process.exitCode = 1;
} else if (path === undefined) {
  const missing = missingFrom(tally, played);
  if (missing.length > 0) {
    console.log(`Never occurred, so nothing was shown about it: ${missing.join(", ")}`);
    process.exitCode = 1;
  } else console.log("Every promise was kept.");
}
