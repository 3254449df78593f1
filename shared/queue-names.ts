/** Queues and tables of the app's storage account. Version 0.1 had others: what it stored is not read. */
export const signalsQueue = "reconcile";
export const pulsesQueue = "heartbeat";
export const webhookQueue = "notices";
export const tableNames = { principals: "holdings", state: "app" } as const;
