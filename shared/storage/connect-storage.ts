import { AzureNamedKeyCredential, TableClient } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { QueueClient, StorageRetryPolicyType, StorageSharedKeyCredential } from "@azure/storage-queue";
import { isLoopback } from "../settings/connections.ts";
import type { StorageSettings } from "../settings/settings.ts";
import { createAzureQueue } from "./azure-queue.ts";
import { createAzureTable } from "./azure-table.ts";
import type { Queue } from "./queue.ts";
import type { Table } from "./table.ts";

export interface Storage {
  /** A table by its name: 3 to 63 letters and digits, a letter first (Azure docs: Understanding the Table service data model). */
  table(name: string): Table;
  /** A queue by its name: 3 to 63 lower-case letters, digits and single hyphens (Azure docs: Naming queues and metadata). */
  queue(name: string): Queue;
}

/** As for tables: few and short tries. */
const queueRetryOptions = {
  retryPolicyType: StorageRetryPolicyType.EXPONENTIAL,
  maxTries: 3,
  retryDelayInMs: 100,
  maxRetryDelayInMs: 500,
};

/**
 * Connects to the app's storage account; nothing is sent before the first use of a table or queue.
 * @param identity gives the credential of a managed identity; asked only when the settings say so.
 */
export function connectStorage(
  settings: StorageSettings,
  identity: (clientId: string | undefined) => TokenCredential,
): Storage {
  const { tableUrl, queueUrl } = settings;
  const allowInsecureConnection = isLoopback(new URL(tableUrl));

  if (settings.kind === "sharedKey") {
    const { accountName, accountKey } = settings;
    const tableKey = new AzureNamedKeyCredential(accountName, accountKey);
    const queueKey = new StorageSharedKeyCredential(accountName, accountKey);
    return {
      table: (name) =>
        createAzureTable(
          (options) => new TableClient(tableUrl, name, tableKey, { ...options, allowInsecureConnection }),
        ),
      queue: (name) =>
        createAzureQueue(new QueueClient(`${queueUrl}/${name}`, queueKey, { retryOptions: queueRetryOptions })),
    };
  }

  const credential = identity(settings.clientId);
  return {
    table: (name) => createAzureTable((options) => new TableClient(tableUrl, name, credential, options)),
    queue: (name) =>
      createAzureQueue(new QueueClient(`${queueUrl}/${name}`, credential, { retryOptions: queueRetryOptions })),
  };
}
