import type { App } from "../shared/app.ts";
import { webhookQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** Sends outcomes to the webhook if one is set. It has its own queue and function, so that no revoke waits for a receiver. */
export function registerWebhook(host: HostApp, { webhook }: App): void {
  if (webhook === null) return;
  host.storageQueue("webhook", {
    queueName: webhookQueue,
    connection: storageConnection,
    handler: (message) => webhook.deliver(message),
  });
  host.storageQueue("webhookPoison", {
    queueName: `${webhookQueue}-poison`,
    connection: storageConnection,
    handler: (message, { triggerMetadata }) => webhook.park(message, String(triggerMetadata?.id)),
  });
}
