import type { QueueClient } from "@azure/storage-queue";
import { callStorage } from "./call-storage-parts.ts";
import { encodeMessage } from "./queue.ts";
import type { Queue } from "./queue-parts.ts";
import { rememberSuccess } from "./remember-success.ts";

/** A queue in Azure Storage or Azurite, created on first use. A send that was tried twice may arrive twice: receivers expect that. */
export function createAzureQueue(client: QueueClient): Queue {
  const ensureCreated = rememberSuccess(async () => {
    await callStorage((options) => client.createIfNotExists(options));
  });

  return {
    async send(message, delay) {
      const { text, visibilitySeconds } = encodeMessage(message, delay);
      await ensureCreated();
      await callStorage((options) =>
        client.sendMessage(text, { ...options, visibilityTimeout: visibilitySeconds, messageTimeToLive: -1 }),
      );
    },
  };
}
