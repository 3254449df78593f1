import type { App } from "../shared/app.ts";
import { signalsQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** The only queue of signals and jobs: every urgent path ends here, so one always-ready instance serves all of them. */
export const registerPrincipals = (host: HostApp, cutoff: App): void =>
  host.storageQueue("principals", {
    queueName: signalsQueue,
    connection: storageConnection,
    handler: (message) => cutoff.reconcile(message),
  });
