import { QueueServiceClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite/start-azurite.ts";
import { processMessage } from "../../../local/host/process-message.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const options = {
  maxPollingInterval: 1000,
  visibilityTimeout: 0,
  batchSize: 16,
  maxDequeueCount: 5,
  messageEncoding: "none",
} as const;

async function receiveOne(queueName: string, visibilityTimeout: number) {
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(queueName);
  await queue.createIfNotExists();
  await queue.sendMessage("text");
  const [message] = (await queue.receiveMessages({ visibilityTimeout })).receivedMessageItems;
  if (!message) throw new Error("No message arrived.");
  return { queue, message };
}

describe("processMessage", () => {
  it("hides the message anew while the function runs, and settles it with the newest pop receipt", async () => {
    const { queue, message } = await receiveOne("renewed", 2);
    const renewals = vi.spyOn(queue, "updateMessage");
    const run = () => vi.waitUntil(() => renewals.mock.settledResults.length >= 3, { timeout: 20_000 });
    await processMessage({ queue, poisonQueue: queue, options, hiddenFor: 2000, run, log: () => {} }, message);
    expect(renewals.mock.settledResults.map((result) => result.type)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });

  it("leaves a failed message of a poison queue hidden", async () => {
    const { queue, message } = await receiveOne("end-poison", 60);
    const run = async () => false;
    await processMessage({ queue, poisonQueue: undefined, options, hiddenFor: 60_000, run, log: () => {} }, message);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });

  it("rejects when another caller has settled the message", async () => {
    const { queue, message } = await receiveOne("stolen", 60);
    await queue.deleteMessage(message.messageId, message.popReceipt);
    const run = async () => true;
    const processing = { queue, poisonQueue: undefined, options, hiddenFor: 60_000, run, log: () => {} };
    await expect(processMessage(processing, message)).rejects.toMatchObject({ statusCode: 404 });
  });
});
