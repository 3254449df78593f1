import type { App } from "../shared/app.ts";
import { heartbeatQueue } from "../shared/storage/queue.ts";
import { type HostApp, storageConnection } from "./host-app.ts";

/** Handles the queue message that sends its own successor: on Flex Consumption, timers have been seen to stop for good while other triggers went on. */
export const registerHeartbeat = (host: HostApp, cutoff: App): void =>
  host.storageQueue("heartbeat", {
    queueName: heartbeatQueue,
    connection: storageConnection,
    handler: (message) => cutoff.heartbeat(message),
  });
