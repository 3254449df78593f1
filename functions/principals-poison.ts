import type { App } from "../shared/app.ts";
import { signalsQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** The host moves messages that failed five times to `<queue>-poison` (Azure Functions docs: Azure Queue storage trigger): stores them with a reason. */
export const registerPrincipalsPoison = (host: HostApp, cutoff: App): void =>
  host.storageQueue("principalsPoison", {
    queueName: `${signalsQueue}-poison`,
    connection: storageConnection,
    handler: (message, { triggerMetadata }) => cutoff.park(message, String(triggerMetadata?.id)),
  });
