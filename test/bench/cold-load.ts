// How long the app's code takes to load in a fresh process, against the same packages imported plainly: `npm run bench:cold`.
import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { given } from "../../local/setup/given.ts";

given(
  `npm run bench:cold

Builds the app and measures how long its code takes to load in a fresh process, against the same packages imported plainly.

  --help  says this
`,
  (args) => parseArgs({ args, options: {} }),
);
await import("../../local/build/bundle.ts");

const root = fileURLToPath(new URL("../..", import.meta.url));
const runs = 15;

const packages = [
  "@azure/functions",
  "@azure/data-tables",
  "@azure/identity",
  "@azure/storage-queue",
  "@microsoft/microsoft-graph-client",
  "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js",
  "zod",
];
const insights = ["applicationinsights", "@opentelemetry/api", "@opentelemetry/api-logs"];

const require = (...names: readonly string[]) => names.map((name) => `require(${JSON.stringify(name)});`).join("");
const candidates = [
  { what: "bundle, as the host loads it", code: require("./dist/main.cjs") },
  { what: "bundle of Application Insights, after the first work", code: require("./dist/insights.cjs") },
  { what: "the same packages plainly", code: require(...packages, ...insights) },
  { what: "the same packages plainly, without Application Insights", code: require(...packages) },
];

/** Settings with which the app wires everything. Nothing is sent before the first use. */
const env = {
  CUTOFF_SECRET: "no secret: nothing is stored or sent",
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  APPLICATIONINSIGHTS_CONNECTION_STRING: "InstrumentationKey=3f2504e0-4f89-11d3-9a0c-0305e82c3301",
};

/** Milliseconds of wall clock and of CPU. The packages' own warnings that there is no host are silenced. */
async function measure(code: string): Promise<{ wall: number; cpu: number }> {
  const script = `console.warn = () => {};
    const from = performance.now(), used = process.cpuUsage();
    ${code}
    const wall = performance.now() - from, { user, system } = process.cpuUsage(used);
    process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000 }), () => process.exit());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=commonjs", "-e", script], {
    cwd: root,
    env,
  });
  return JSON.parse(stdout);
}

const results = candidates.map(({ what, code }) => ({ what, code, wall: [] as number[], cpu: [] as number[] }));
// In turn, so that a busy moment of the machine meets all of them; the first round only warms the disk's cache.
for (let run = 0; run <= runs; run += 1) {
  for (const { code, wall, cpu } of results) {
    const took = await measure(code);
    if (run === 0) continue;
    wall.push(took.wall);
    cpu.push(took.cpu);
  }
}

const at = (values: readonly number[], share: number) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? 0);
console.log(
  `Node ${process.version}, ${cpus().length} cores, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}; ${runs} fresh processes each; ms`,
);
console.table(
  Object.fromEntries(
    results.map(({ what, wall, cpu }) => [
      what,
      {
        least: at(wall, 0),
        median: at(wall, 0.5),
        "90 %": at(wall, 0.9),
        most: at(wall, 1),
        "CPU, median": at(cpu, 0.5),
      },
    ]),
  ),
);
console.log("Target for the bundle: a median of 150 ms.");
