import type { App } from "../shared/app.ts";
import { pulsesQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** The queue message that sends its own successor: on Flex Consumption timers have been seen to stop for good while the rest went on. */
export const registerResyncPulse = (host: HostApp, cutoff: App): void =>
  host.storageQueue("resyncPulse", {
    queueName: pulsesQueue,
    connection: storageConnection,
    handler: (message) => cutoff.pulse(message),
  });
