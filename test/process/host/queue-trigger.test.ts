import { Buffer } from "node:buffer";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite/start-azurite.ts";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const decode = (text: string) => JSON.parse(Buffer.from(text, "base64").toString("utf8"));

/** A host whose function `work` listens on a queue of its own. */
async function start(queueName: string, handler: string, queues: object = {}) {
  const folder = await tinyFunctions(
    `app.storageQueue("work", { queueName: "%QUEUE%", connection: "Storage", handler: ${handler} });`,
    { extensions: { queues: { maxPollingInterval: "00:00:00.200", ...queues } } },
  );
  const host = runHost(folder, { Storage: azurite.connectionString, QUEUE: queueName });
  await host.listening();
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  return { host, queue: service.getQueueClient(queueName), poison: service.getQueueClient(`${queueName}-poison`) };
}

const left = async (queue: { getProperties(): Promise<{ approximateMessagesCount?: number }> }) =>
  (await queue.getProperties()).approximateMessagesCount;

describe("storage queue trigger", () => {
  it("creates the queue, runs the function with message and metadata, and deletes the message", async () => {
    const { host, queue } = await start(
      "success",
      `(m, c) => c.log("got", m.n, typeof c.triggerMetadata.id, c.triggerMetadata.dequeueCount)`,
    );
    await queue.sendMessage(encode({ n: 1 }));
    expect(await host.waitForLog(/got/)).toMatch(/got 1 string 1$/);
    await host.waitForLog(/Executed \(Succeeded/);
    host.kill("SIGTERM");
    expect(await host.exited).toBe(0);
    expect(await left(queue)).toBe(0);
  });

  it("hides a message while its function runs", async () => {
    const { host, queue } = await start("hidden", `async (m, c) => { c.log("entered"); await new Promise(() => {}); }`);
    await queue.sendMessage(encode({}));
    await host.waitForLog(/entered/);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
    expect(await left(queue)).toBe(1);
  });

  it("shows a message again after a throw, then moves it to the poison queue", async () => {
    const { host, queue, poison } = await start(
      "poisoned",
      `(m, c) => { c.log("try", c.triggerMetadata.dequeueCount); throw new Error("no"); }`,
      { maxDequeueCount: 3 },
    );
    await queue.sendMessage(encode({ n: 7 }));
    await host.waitForLog(/Moving message to queue 'poisoned-poison'/);
    host.kill("SIGTERM");
    await host.exited;
    expect(host.logs.filter((line) => /try \d/.test(line)).map((line) => line.at(-1))).toEqual(["1", "2", "3"]);
    expect(await left(queue)).toBe(0);
    const { receivedMessageItems } = await poison.receiveMessages();
    expect(receivedMessageItems.map((message) => decode(message.messageText))).toEqual([{ n: 7 }]);
  });

  it("keeps a failed message hidden for visibilityTimeout", async () => {
    const { host, queue } = await start("delayed", `() => { throw new Error("no"); }`, {
      visibilityTimeout: "00:10:00",
    });
    await queue.sendMessage(encode({}));
    await host.waitForLog(/Executed \(Failed/);
    host.kill("SIGTERM");
    await host.exited;
    expect(await left(queue)).toBe(1);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
  });

  it("dead-letters a message that is not base64 without running the function", async () => {
    const { host, queue, poison } = await start("garbled", `(m, c) => c.log("ran")`);
    await queue.sendMessage("{not base64}");
    await host.waitForLog(/Moving message/);
    host.kill("SIGTERM");
    await host.exited;
    expect(host.logs.join("\n")).not.toContain("ran");
    expect(await left(poison)).toBe(1);
  });

  it("runs messages of a batch side by side", async () => {
    const { host, queue } = await start(
      "parallel",
      `async (m, c) => { globalThis.n = (globalThis.n ?? 0) + 1; while (globalThis.n < 3) await new Promise(setImmediate); c.log("met"); }`,
    );
    await Promise.all([1, 2, 3].map((n) => queue.sendMessage(encode({ n }))));
    await host.waitForLog(/met/, 3);
  });
});
