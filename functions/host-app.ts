import type { app } from "@azure/functions";

/** The part of `@azure/functions` that functions are registered with. */
export type HostApp = typeof app;

/** The app setting (connection string or identity) of the storage that holds the queues. */
export const storageConnection = "AzureWebJobsStorage";
