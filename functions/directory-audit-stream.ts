import type { App } from "../shared/app.ts";
import type { Settings } from "../shared/settings/settings.ts";
import type { HostApp } from "./host-app.ts";

/** The app settings (`__fullyQualifiedNamespace` and so on) by which the host reaches the event hub with the app's identity. */
const connection = "AUDIT_EVENTHUB";

/**
 * The event hub to which the Entra diagnostic setting `AuditLogs` writes. Only a failure of storage is thrown, and the host then delivers the batch
 * again: without a retry policy the checkpoint would move on (Azure docs: Azure Functions error handling and retries).
 */
export const registerDirectoryAuditStream = (
  host: HostApp,
  cutoff: App,
  { eventHubName, consumerGroup }: NonNullable<Settings["auditStream"]>,
): void =>
  host.eventHub("directoryAuditStream", {
    connection,
    eventHubName,
    consumerGroup,
    cardinality: "many",
    retry: { strategy: "fixedDelay", maxRetryCount: 5, delayInterval: { seconds: 5 } },
    handler: (messages) => cutoff.takeStream(Array.isArray(messages) ? messages : [messages]),
  });
