import { AzureNamedKeyCredential, TableClient } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { QueueClient, StorageRetryPolicyType, StorageSharedKeyCredential } from "@azure/storage-queue";
import type { Clock } from "../base/clock.ts";
import { isLoopback } from "../settings/connections.ts";
import type { StorageSettings } from "../settings/settings.ts";
import { createAzureTable } from "./azure-table.ts";
import { createAzureQueue, type Queue } from "./queue.ts";
import { StorageUnavailableError, type Table } from "./table.ts";

export interface Storage {
  /** A table by its name: 3 to 63 letters and digits, a letter first (Azure docs: Understanding the Table service data model). */
  table(name: string): Table;
  /** A queue by its name: 3 to 63 lower-case letters, digits and single hyphens (Azure docs: Naming queues and metadata). */
  queue(name: string): Queue;
}

/** Few and short tries, as for tables. */
const queueRetryOptions = {
  retryPolicyType: StorageRetryPolicyType.EXPONENTIAL,
  maxTries: 3,
  retryDelayInMs: 100,
  maxRetryDelayInMs: 500,
};

/**
 * Connects to the app's storage account; nothing is sent before the first use of a table or queue.
 * @param identity gives the credential of a managed identity; called only when the settings name one.
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

/** Milliseconds between the tries. With two calls per try and all their deadlines, the sum stays under the two minutes of `functionTimeout` in host.json. */
const pauses = [1000, 2000, 4000, 5000, 5000];

/**
 * Tries several times within this invocation, since the next invocation may come late: there is no poison queue for a message of a poison queue. When
 * it fails, it stays hidden for the ten minutes of its lease (Azure Functions docs: Azure Queue storage trigger; that nothing shows it sooner is our
 * reading, unverified).
 * `work` must be safe to repeat.
 * @throws StorageUnavailableError when storage did not answer six times in a row; any other error of `work` at once.
 */
export async function awaitStorage<T>(work: () => Promise<T>, { clock }: { readonly clock: Clock }): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
    }
    await clock.sleep(pause);
  }
  return await work();
}
