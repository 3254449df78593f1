import type { App } from "../shared/app.ts";
import { webhookQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** Tells outcomes to the webhook, if there is one: a queue and a function of its own, so that no revoke waits for a receiver. */
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
