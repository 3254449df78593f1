/** Queues of the app's storage account. */
export const signalsQueue = "principals";
export const pulsesQueue = "resync-pulse";
export const webhookQueue = "webhook";
