import type { app, EventHubFunctionOptions, StorageQueueFunctionOptions } from "@azure/functions";

/** The part of `@azure/functions` that functions are registered with. What a message holds is unknown until it has been parsed. */
export interface HostApp extends Pick<typeof app, "http" | "timer"> {
  storageQueue(name: string, options: StorageQueueFunctionOptions<unknown>): void;
  eventHub(name: string, options: EventHubFunctionOptions<unknown>): void;
}

/** The app setting (connection string or identity) of the storage that holds the queues. */
export const storageConnection = "AzureWebJobsStorage";
