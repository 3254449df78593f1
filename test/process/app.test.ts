import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite/start-azurite.ts";
import { type App, createApp } from "../../shared/app.ts";
import { SignalError } from "../../shared/reconcile/messages.ts";
import { readSettings } from "../../shared/settings/read.ts";
import { anOperator } from "../fixtures/operators.ts";

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

/** Wired as in Azure, but that there is no Graph at this address. */
function wire(over: Readonly<Record<string, string>> = {}): App {
  const reading = readSettings({
    AzureWebJobsStorage: azurite.connectionString,
    CUTOFF_SECRET: "a secret of at least thirty-two characters",
    GRAPH_ENDPOINT: "http://127.0.0.1:1",
    ...over,
  });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return createApp(reading.settings);
}

test("a message that is no signal is the host's to park", async () => {
  await expect(wire().reconcile({ v: 99 })).rejects.toThrow(SignalError);
});

test("an operator's stop and a parked message show in the health that another instance reads", async () => {
  await wire().operate({ action: "stop", reason: "a drill" }, anOperator);
  await wire().park({ v: 99 }, "message-7");
  expect(await wire().health()).toMatchObject({ storage: "ok", stopped: true, deadLetters: 1, mode: "reportOnly" });
});

test("in mode off no trigger reads Graph", async () => {
  const app = wire({ CUTOFF_MODE: "off" });
  await app.reconcile({
    v: 2,
    kind: "principal",
    principalId: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    because: "resync",
    tries: 0,
  });
  await app.resync();
  expect(await app.health()).toMatchObject({ mode: "off", lastResync: { startedAt: null }, lastGraphSuccess: null });
});

test("a Graph that cannot be reached is recorded by the resync, and is no failure of the timer", async () => {
  const app = wire();
  await app.resync();
  const { healthy, lastResync, lastGraphSuccess } = await app.health();
  expect({ healthy, lastGraphSuccess }).toEqual({ healthy: false, lastGraphSuccess: null });
  expect(lastResync.startedAt).not.toBeNull();
  expect(lastResync.error).not.toBeNull();
});
