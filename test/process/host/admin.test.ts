import { describe, expect, it } from "vitest";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

const functions = `
const show = (input, context) => context.log("got", JSON.stringify([input, context.triggerMetadata ?? null]));
app.http("page", { handler: () => ({}) });
app.eventHub("events", { eventHubName: "hub", connection: "Hub", cardinality: "many", handler: show });
app.timer("tick", { schedule: "0 0 0 1 1 *", handler: show });
app.storageQueue("work", { queueName: "work", connection: "", handler: show });`;

async function start() {
  const host = runHost(await tinyFunctions(functions));
  const { url, masterKey, functionKey } = await host.listening();
  const call = (path: string, method = "GET", body?: string, key = masterKey) =>
    fetch(`${url}/admin/${path}`, { method, headers: { "x-functions-key": key }, ...(body !== undefined && { body }) });
  return { host, call, functionKey };
}

describe("admin endpoints", () => {
  it("deliver a batch of events, each parsed when it is JSON", async () => {
    const { host, call } = await start();
    const input = JSON.stringify([{ records: [1] }, "plain", '{"inner":true}']);
    expect((await call("functions/events", "POST", JSON.stringify({ input }))).status).toBe(202);
    const log = await host.waitForLog(/got/);
    const [events, metadata] = JSON.parse(log.slice(log.indexOf("got") + 3));
    expect(events).toEqual([{ records: [1] }, "plain", { inner: true }]);
    expect(metadata).toMatchObject({
      sequenceNumberArray: [0, 1, 2],
      offsetArray: ["0", "1", "2"],
      propertiesArray: [{}, {}, {}],
      partitionContext: { partitionId: "0" },
    });
    expect(metadata.enqueuedTimeUtcArray).toHaveLength(3);
  });

  it("fire a timer and a queue function", async () => {
    const { host, call } = await start();
    expect((await call("functions/TICK", "POST", "{}")).status).toBe(202);
    await host.waitForLog(/\[tick .*"isPastDue":false/);
    expect((await call("functions/work", "POST", JSON.stringify({ input: '{"a":1}' }))).status).toBe(202);
    await host.waitForLog(/\[work .*got \[\{"a":1\}.*"dequeueCount":0/);
  });

  it("list functions and show the host's state", async () => {
    const { call } = await start();
    const listed = await (await call("functions")).json();
    expect(listed).toMatchObject([{ name: "page" }, { name: "events" }, { name: "tick" }, { name: "work" }]);
    expect(await (await call("host/status")).json()).toMatchObject({ state: "Running" });
  });

  it("refuse what they do not serve", async () => {
    const { call, functionKey } = await start();
    expect((await call("functions", "GET", undefined, functionKey)).status).toBe(401);
    expect((await call("functions/events", "POST", "{}", "")).status).toBe(401);
    expect((await call("functions/nobody", "POST", "{}")).status).toBe(404);
    expect((await call("functions/events", "POST", "no json")).status).toBe(400);
    expect((await call("functions/page", "POST", "{}")).status).toBe(400);
  });
});
