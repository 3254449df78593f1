// Runs before every npm script, on whatever Node started npm (20 or later): a fresh clone needs no separate `npm ci`.
// Plain JavaScript on purpose: it must run before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";

const lock = "package-lock.json";
const installed = "node_modules/.package-lock.json";

// A linked node_modules belongs to another checkout: npm ci would empty it under its owner's feet.
const isLinked = lstatSync("node_modules", { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

if (!isLinked && (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs)) {
  console.log("Installing the exact packages of package-lock.json (npm ci) ...");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  const result = spawnSync(command, [...args, "ci", "--no-fund", "--no-audit"], { stdio: "inherit" });
  if (result.status !== 0) {
    console.error("npm ci failed: see the lines above. Nothing else was started.");
    process.exit(result.status ?? 1);
  }
}
