import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTenantClient } from "../../../../local/tenant/client.ts";
import { type RunningTenant, startTenant } from "../../../../local/tenant/start-tenant.ts";

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());

const item = (name: string) => ({
  name: "Microsoft.ApplicationInsights.Event",
  time: "2026-09-06T18:40:46.123Z",
  iKey: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
  tags: { "ai.operation.id": "4bf92f3577b34da6a3ce929d0e0e4736" },
  data: { baseType: "EventData", baseData: { ver: 2, name } },
});

async function track(body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const payload = typeof body === "string" ? body : new Uint8Array(body);
  const response = await fetch(`${tenant.url}/v2.1/track`, { method: "POST", body: payload, headers });
  return { status: response.status, body: await response.json() };
}

const received = async (after: number) =>
  (await createTenantClient(tenant.url).telemetry(after)).envelopes.map(({ data }) => data.baseData.name);

test("items come as an array, zipped as well, or as lines, and are read back in their order", async () => {
  const all = { status: 200, body: { itemsReceived: 2, itemsAccepted: 2, errors: [] } };
  expect(await track(JSON.stringify([item("a"), item("b")]))).toEqual(all);
  const zipped = gzipSync(JSON.stringify([item("c"), item("d")]));
  expect(await track(zipped, { "Content-Encoding": "gzip" })).toEqual(all);
  expect(await track(`${JSON.stringify(item("e"))}\n${JSON.stringify(item("f"))}\n`)).toEqual(all);
  expect(await received(0)).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(await received(4)).toEqual(["e", "f"]);
});

test("an item that is none is refused by itself, and says which field is wrong", async () => {
  expect(await track(JSON.stringify([{ ...item("g"), iKey: "no" }, item("h")]))).toEqual({
    status: 206,
    body: {
      itemsReceived: 2,
      itemsAccepted: 1,
      errors: [{ index: 0, statusCode: 400, message: "Field not valid: iKey" }],
    },
  });
  expect((await track("not json")).status).toBe(400);
});
