import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleApp } from "../../../local/build/bundle-app.ts";
import { createTenantClient } from "../../../local/tenant/client.ts";
import { type RunningTenant, startTenant } from "../../../local/tenant/start-tenant.ts";

/** Far more traces in a second than the package lets pass by itself, and more events than one batch holds. */
const [traces, events] = [60, 1500];

/** What the app does with Application Insights in a mass expiry, in miniature: with the very file that is deployed. */
const script = `
  const { connectInsights } = require("./insights.cjs");
  const [, localEndpoint] = process.argv;
  const key = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  const backend = connectInsights({ connectionString: "InstrumentationKey=" + key, localEndpoint }, null);
  const at = Date.now();
  const result = { properties: { requestId: null }, error: null, at: at + 5 };
  for (let i = 0; i < ${traces}; i += 1) {
    const pass = backend.begin({ name: "principals", kind: "consumer", parent: undefined, at });
    const call = backend.begin({ name: "GET users/{id}", kind: "client", parent: pass, at });
    const properties = { "http.request.method": "GET", "http.response.status_code": 503 };
    backend.end(call, { ...result, properties });
    backend.end(pass, { ...result, error: i === 0 ? "ROW_UNREADABLE" : null });
    backend.measure("endToAccepted", 100 * (1 + (i % 2)), { source: "timer" });
  }
  for (let i = 0; i < ${events}; i += 1) {
    backend.event({ name: "outcome", alarm: false, properties: { i, verified: true, detail: null }, at, context: undefined });
  }
  backend.close().then(() => process.exit());
`;

let folder: string;
let tenant: RunningTenant;

/** What the package cannot send it keeps below TMPDIR, and a later process with the same key sends it: another test's app would. */
const run = (code: string, ...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ["--input-type=commonjs", "-e", code, ...args], {
    cwd: folder,
    env: { APPLICATION_INSIGHTS_NO_STATSBEAT: "true", TMPDIR: folder },
  });

// Bundling takes seconds, and more on a busy machine.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pim-cutoff-insights-"));
  tenant = await startTenant();
  await bundleApp(folder);
  const { stdout, stderr } = await run(script, tenant.url);
  expect(stdout + stderr).toBe("");
}, 120_000);
afterAll(async () => {
  await tenant.close();
  await rm(folder, { recursive: true });
});

test("trouble with sending is reported, once for a while, and the package itself writes nothing: its text would hold an answer's words", async () => {
  const trouble = `
    const { connectInsights } = require("./insights.cjs");
    const settings = { connectionString: "InstrumentationKey=3f2504e0-4f89-11d3-9a0c-0305e82c3301", localEndpoint: "http://127.0.0.1:1" };
    const backend = connectInsights(settings, null, () => console.log("trouble"));
    const event = { name: "outcome", alarm: false, properties: {}, at: Date.now(), context: undefined };
    for (let i = 0; i < 1500; i += 1) backend.event(event);
    backend.close().then(() => process.exit(), () => process.exit());
  `;
  const { stdout, stderr } = await run(trouble);
  expect({ stdout, stderr }).toEqual({ stdout: "trouble\n", stderr: "" });
});

/** What came, each once: the package sends a batch again when it did not see the answer (seen on a busy machine). */
async function received(type: string) {
  const all = (await createTenantClient(tenant.url).telemetry()).envelopes
    .filter(({ data }) => data.baseType === type)
    .map(({ data, tags }) => ({
      ...data.baseData,
      traceId: tags?.["ai.operation.id"],
      parentId: tags?.["ai.operation.parentId"],
    }));
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

test("no event is sampled or dropped, and each says everything but what is null", async () => {
  const recorded = await received("EventData");
  expect(recorded).toHaveLength(events);
  expect(recorded[0]).toMatchObject({ name: "outcome", properties: { i: "0", verified: "true", alarm: "false" } });
  expect(recorded[0]).not.toHaveProperty("properties.detail");
});

test("no trace is sampled: each is a request and the calls that it made", async () => {
  const [passes, calls] = [await received("RequestData"), await received("RemoteDependencyData")];
  expect([passes.length, calls.length]).toEqual([traces, traces]);
  expect(new Set(passes.map(({ traceId }) => traceId)).size).toBe(traces);
  expect(calls[0]).toMatchObject({
    name: "GET users/{id}",
    resultCode: "503",
    success: false,
    traceId: passes[0]?.traceId,
  });
  expect(calls[0]?.parentId).toBe(Reflect.get(passes[0] ?? {}, "id"));
  expect(passes.filter((pass) => Reflect.get(pass, "success") === false)).toHaveLength(1);
});

test("a measurement comes as count, sum, least and most", async () => {
  expect(await received("MetricData")).toContainEqual(
    expect.objectContaining({
      metrics: [expect.objectContaining({ name: "endToAccepted", count: traces, value: 9000, min: 100, max: 200 })],
      properties: { source: "timer" },
    }),
  );
});
