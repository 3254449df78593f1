import type { App } from "../shared/app.ts";
import { signalsQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** The one queue of signals: every urgent path ends here, so one always-ready instance serves them all. */
export const registerPrincipals = (host: HostApp, cutoff: App): void =>
  host.storageQueue("principals", {
    queueName: signalsQueue,
    connection: storageConnection,
    handler: (message) => cutoff.reconcile(message),
  });
