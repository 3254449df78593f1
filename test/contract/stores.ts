import { randomUUID } from "node:crypto";
import { QueueClient } from "@azure/storage-queue";
import { type Azurite, startAzurite } from "../../local/azurite/start-azurite.ts";
import { connectStorage } from "../../shared/storage/connect.ts";
import type { Queue } from "../../shared/storage/queue.ts";
import type { Table } from "../../shared/storage/table.ts";
import { createMemoryQueue, createMemoryTable } from "../fixtures/memory-storage.ts";

export interface ReceivedMessage {
  readonly content: unknown;
  readonly dequeueCount: number;
  delete(): Promise<void>;
}

/** A queue with the receiving side that the Functions host has. */
export interface QueueEnds {
  readonly queue: Queue;
  receive(max: number, visibilitySeconds: number): Promise<readonly ReceivedMessage[]>;
}

/** Something that promises to behave like Azure Storage. Every table and queue is new and empty. */
export interface Stores {
  table(): Table;
  queue(): QueueEnds;
  stop(): Promise<void>;
}

export const stores: readonly (readonly [string, () => Promise<Stores>])[] = [
  ["memory", async () => memoryStores],
  ["Azurite", async () => azuriteStores(await startAzurite())],
];

const memoryStores: Stores = {
  table: () => createMemoryTable({ now: Date.now }),
  queue() {
    const queue = createMemoryQueue({ now: Date.now });
    return {
      queue,
      async receive(max, visibilitySeconds) {
        return queue.receive(max, visibilitySeconds * 1000).map((message) => ({
          content: message.content,
          dequeueCount: message.dequeueCount,
          delete: async () => queue.delete(message),
        }));
      },
    };
  },
  async stop() {},
};

function azuriteStores({ connectionString, tableUrl, queueUrl, stop }: Azurite): Stores {
  const [, accountName = ""] = /AccountName=([^;]+)/.exec(connectionString) ?? [];
  const [, accountKey = ""] = /AccountKey=([^;]+)/.exec(connectionString) ?? [];
  const storage = connectStorage({ kind: "sharedKey", accountName, accountKey, tableUrl, queueUrl }, () => {
    throw new Error("A shared key needs no identity.");
  });
  return {
    table: () => storage.table(`t${randomUUID().replaceAll("-", "")}`),
    queue() {
      const name = randomUUID();
      const client = new QueueClient(connectionString, name);
      return {
        queue: storage.queue(name),
        async receive(max, visibilityTimeout) {
          const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: max, visibilityTimeout });
          return receivedMessageItems.map(({ messageText, messageId, popReceipt, dequeueCount }) => ({
            content: JSON.parse(Buffer.from(messageText, "base64").toString()),
            dequeueCount,
            async delete() {
              await client.deleteMessage(messageId, popReceipt);
            },
          }));
        },
      };
    },
    stop,
  };
}
