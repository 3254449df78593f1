import { readFile, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startAzurite } from "../../local/azurite/start-azurite.ts";
import { given } from "../../local/setup/given.ts";
import { startHostProcess, startTenantProcess } from "../../local/stack/start-stack.ts";
import { heartbeatQueue, signalsQueue } from "../../shared/storage/queue.ts";
import { type Passed, startCountingProxy } from "./counting-proxy.ts";

const help = `node infra/cost/measure.ts [MINUTES]

Counts what the built app does on this machine while nothing happens: requests to storage, telemetry, CPU. Writes infra/cost/counts.json, from which
docs/cost.md is computed.

  MINUTES  how long, 5 by default
  --help   says this
`;
const minutes = given(help, (args) => {
  const [wanted = "5", ...more] = parseArgs({ args, allowPositionals: true, options: {} }).positionals;
  if (!(Number(wanted) > 0) || more.length > 0) throw new Error("MINUTES is one number above 0.");
  return Number(wanted);
});
const watched = 50;
const role = "fe930be7-5e62-47db-91af-98c3a49a38b1";

const [azurite, tenant] = await Promise.all([startAzurite(), startTenantProcess()]);
await using table = await startCountingProxy(endpoint("Table"));
await using queue = await startCountingProxy(endpoint("Queue"));
await using blob = await startCountingProxy(endpoint("Blob"));
await using insights = await startCountingProxy(tenant.url);
for (let n = 0; n < watched; n += 1) {
  const { id: principalId } = await tenant.control.createUser({ name: `User ${n}` });
  const held = { principalId, roleDefinitionId: role, directoryScopeId: "/" };
  await tenant.control.assign({ ...held, durationSeconds: 86_400 + 60 * n });
}
const through = [table, queue, blob].reduce(
  (text, { url }, at) => text.replace(originOf(["Table", "Queue", "Blob"][at] ?? ""), url),
  azurite.connectionString,
);
const host = await startHostProcess({
  tenant,
  connectionString: through,
  settings: {
    CUTOFF_MODE: "reportOnly",
    INCLUDED_PRINCIPALS: "all",
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=3f2504e0-4f89-11d3-9a0c-0305e82c3301;IngestionEndpoint=${insights.url}/`,
  },
});
// The first resyncs write every row.
await wait(90_000);
const [from, cpu] = [Date.now(), await cpuSeconds(host.pid)];
const marks = [table, queue, blob, insights].map(({ passed }) => passed.length);
await wait(minutes * 60_000);
const seconds = (Date.now() - from) / 1000;
const used = (await cpuSeconds(host.pid)) - cpu;
const [tables, queues, blobs, tracks] = [table, queue, blob, insights].map(({ passed }, at) => passed.slice(marks[at]));

const perSecond = (count: number) => Number((count / seconds).toFixed(4));
const counts = {
  measured: new Date().toISOString().slice(0, 10),
  load: Number((loadavg()[1] ?? 0).toFixed(1)),
  minutes,
  watched,
  perSecond: {
    pollsPrincipals: perSecond(count(queues, "GET", pollsOf(signalsQueue))),
    pollsHeartbeat: perSecond(count(queues, "GET", pollsOf(heartbeatQueue))),
    queueOther: perSecond((queues ?? []).filter(({ method }) => method !== "GET").length),
    tableReads: perSecond(count(tables, "GET", /./)),
    tableWrites: perSecond((tables ?? []).filter(({ method }) => method !== "GET").length),
    blobs: perSecond((blobs ?? []).length),
    telemetryBytes: perSecond(
      (tracks ?? []).filter(({ path }) => path.includes("track")).reduce((sum, { bytes }) => sum + bytes, 0),
    ),
    cpu: perSecond(used),
  },
};
if (counts.perSecond.pollsPrincipals === 0 || counts.perSecond.pollsHeartbeat === 0)
  throw new Error("No poll was counted: has a queue another name?");
const out = fileURLToPath(new URL("counts.json", import.meta.url));
await writeFile(out, `${JSON.stringify(counts, null, 2)}\n`);
console.log(counts);
console.log([
  ...new Set((queues ?? []).filter(({ method }) => method === "GET").map(({ path }) => path.split("?")[0])),
]);
await host.stop();
await Promise.all([tenant.stop(), azurite.stop()]);

function count(list: readonly Passed[] | undefined, method: string, path: RegExp): number {
  return (list ?? []).filter((one) => one.method === method && path.test(one.path)).length;
}

function pollsOf(name: string): RegExp {
  return new RegExp(`/${name}/messages`);
}

function originOf(service: string): string {
  return /^(http:\/\/[^/]+)/.exec(endpoint(service))?.[1] ?? "";
}

function endpoint(service: string): string {
  return new RegExp(`${service}Endpoint=([^;]+)`).exec(azurite.connectionString)?.[1] ?? "";
}

/** User and system time of a process, in the kernel's hundredths (proc(5), /proc/pid/stat). */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
