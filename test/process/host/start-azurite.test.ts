import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { QueueServiceClient } from "@azure/storage-queue";
import { expect, it, onTestFinished, vi } from "vitest";
import { startAzurite } from "../../../local/azurite/start-azurite.ts";

const queuesOf = async (connectionString: string) => {
  const names: string[] = [];
  for await (const { name } of QueueServiceClient.fromConnectionString(connectionString).listQueues()) names.push(name);
  return names;
};

it("serves queues and tables to accounts that do not see each other", async () => {
  const azurite = await startAzurite({ account: "first", accounts: ["second"] });
  onTestFinished(() => azurite.stop());
  await QueueServiceClient.fromConnectionString(azurite.connectionString).createQueue("mine");
  expect(await queuesOf(azurite.connectionString)).toEqual(["mine"]);
  expect(await queuesOf(azurite.connectionStringOf("second"))).toEqual([]);
  expect(() => azurite.connectionStringOf("third")).toThrow("third");
  const table = TableClient.fromConnectionString(azurite.connectionString, "rows", { allowInsecureConnection: true });
  await table.createTable();
  await table.createEntity({ partitionKey: "p", rowKey: "r", n: 1 });
  expect(await table.getEntity("p", "r")).toMatchObject({ n: 1 });
});

it("keeps its data in a folder across a stop", async () => {
  const location = await mkdtemp(join(tmpdir(), "azurite-"));
  onTestFinished(() => rm(location, { recursive: true, force: true }));
  const first = await startAzurite({ location });
  await QueueServiceClient.fromConnectionString(first.connectionString).createQueue("kept");
  await first.stop();
  const second = await startAzurite({ location });
  onTestFinished(() => second.kill());
  expect(await queuesOf(second.connectionString)).toEqual(["kept"]);
});

it("dies with its parent, even when that is killed", async () => {
  const script = `
    import { startAzurite } from ${JSON.stringify(new URL("../../../local/azurite/start-azurite.ts", import.meta.url).href)};
    console.log((await startAzurite()).queueUrl);
    setInterval(() => {}, 60_000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(parent.stdout, "data");
  const port = Number(new URL(String(line).trim()).port);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isOpen(port)).resolves.toBe(false), { timeout: 20_000 });
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
