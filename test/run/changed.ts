// npm run test:changed: the tests that import what differs from the main branch, committed or not. The end-to-end tests start the built app, so only
// a change of their own makes them run.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { given } from "../../local/setup/given.ts";

const forVitest = given(
  `npm run test:changed -- [OPTION OF VITEST]...

Runs the tests that import what differs from the main branch, committed or not.

  --help  says this; every other option goes to Vitest, which refuses what it does not know
`,
  (args) => args,
);

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

const mergeBase = (branch: string): string | null => {
  const { status, stdout } = spawnSync("git", ["merge-base", "HEAD", branch], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
};

const base = mergeBase("origin/main") ?? mergeBase("main");
if (base === null) {
  console.error("Neither origin/main nor main is here, so nobody can say what has changed: git fetch origin main");
  process.exit(2);
}
console.log(`What differs from ${base.slice(0, 12)}, where this branch left main`);
// The mutations take minutes, the others need Debian packages: npm run test:all.
const left = ["mutations", "browser", "shifted-clock"].map((project) => `--project=!${project}`);
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", `--changed=${base}`, "--passWithNoTests", ...left, ...forVitest],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
