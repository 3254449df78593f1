// Runs before every npm script, on whatever Node started npm (20 or later): a fresh clone needs no separate `npm ci`.
// Plain JavaScript on purpose: it must run before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";

const lock = "package-lock.json";
const installed = "node_modules/.package-lock.json";
/** What every script runs in where there is one for the platform: Node 24, from the lockfile. */
const ownNode = ["node_modules/.bin/node", "node_modules/.bin/node.cmd"];

// A linked node_modules belongs to another checkout: npm ci would empty it under its owner's feet.
const isLinked = lstatSync("node_modules", { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

if (!isLinked && (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs)) {
  console.log("Installing the exact packages of package-lock.json (npm ci) ...");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  // Errors alone: npm would warn that the Node that started it is too old for packages which never run in that Node.
  const result = spawnSync(command, [...args, "ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    stdio: "inherit",
  });
  if (result.status !== 0) {
    console.error("npm ci failed: see the lines above. Nothing else was started.");
    process.exit(result.status ?? 1);
  }
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (!ownNode.some((path) => existsSync(path)) && (major < 22 || (major === 22 && minor < 18))) {
  console.error(
    `This platform has no Node in the lockfile, and yours is ${process.version}: install Node 22.18 or later.`,
  );
  process.exit(1);
}
