import { AzureNamedKeyCredential, odata, TableClient, type TableServiceClientOptions } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { QueueClient, StorageRetryPolicyType, StorageSharedKeyCredential } from "@azure/storage-queue";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { isLoopback } from "../settings/connections.ts";
import type { StorageSettings } from "../settings/settings.ts";
import { afterCreation, toFailure } from "./call-storage.ts";
import { createAzureQueue, type Queue } from "./queue.ts";
import {
  checkKey,
  checkPrefix,
  type Row,
  StorageRowError,
  StorageUnavailableError,
  type Table,
  type Timed,
} from "./table.ts";
import { createTransactionSender, fromProperties, prepareCommit } from "./transaction.ts";

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

const storedEntity = z.looseObject({
  partitionKey: z.string(),
  rowKey: z.string(),
  etag: z.string(),
  timestamp: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
});

/** Few and short tries: a pass that cannot reach storage comes back by a queue message, which is better than a long wait here. */
const retryOptions = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 500 };

/**
 * A table in Azure Storage or Azurite, created on first use.
 * @param connect gives a client for the table with these options added to its own.
 */
export function createAzureTable(connect: (options: TableServiceClientOptions) => TableClient): Table {
  const client = connect({ retryOptions });
  const sendTransaction = createTransactionSender(connect);
  const call = afterCreation((options) => client.createTable(options));

  async function* pages(filter: string): AsyncGenerator<Timed<readonly Row[]>> {
    let continuationToken: string | undefined;
    do {
      const from = continuationToken === undefined ? {} : { continuationToken };
      // One call and one deadline per page: the time that the caller takes between two pages does not count.
      const { value, storageTime } = await call((options) =>
        client
          .listEntities({ ...options, queryOptions: { filter } })
          .byPage(from)
          .next(),
      );
      if (value.done) return;
      continuationToken = value.value.continuationToken;
      yield { value: value.value.map(toRow), storageTime };
    } while (continuationToken);
  }

  return {
    async get(partition, row) {
      checkKey(partition);
      checkKey(row);
      return call(async (options) => {
        try {
          return toRow(await client.getEntity(partition, row, options));
        } catch (error) {
          if (isRowNotFound(error)) return undefined;
          throw error;
        }
      });
    },

    async list(partition, prefix = "") {
      checkKey(partition);
      checkPrefix(prefix);
      const rows: Row[] = [];
      let firstTime: number | undefined;
      for await (const { value, storageTime } of pages(
        allOf(odata`PartitionKey eq ${partition}`, prefixFilter(prefix)),
      )) {
        rows.push(...value);
        firstTime ??= storageTime;
      }
      if (firstTime === undefined) throw new StorageUnavailableError("Storage answered a list without a page.");
      return { value: rows, storageTime: firstTime };
    },

    async *scan(prefix) {
      checkPrefix(prefix);
      for await (const { value } of pages(allOf(prefixFilter(prefix)))) yield* value;
    },

    async commit(partition, operations) {
      const prepared = prepareCommit(partition, operations);
      return call((options) => sendTransaction(partition, prepared, options));
    },
  };
}

function toRow(entity: unknown): Row {
  const { success, data } = storedEntity.safeParse(entity);
  if (!success) throw new StorageRowError("Storage returned an entity without keys, etag or timestamp.");
  const { partitionKey, rowKey, etag, timestamp } = data;
  return { partition: partitionKey, row: rowKey, etag, timestamp, content: fromProperties(data) };
}

function isRowNotFound(error: unknown): boolean {
  const failure = toFailure(error);
  return failure?.status === 404 && /^(?:Resource|Entity)NotFound$/.test(failure.code);
}

const allOf = (...filters: readonly string[]): string => filters.filter((filter) => filter !== "").join(" and ");

/** Keys are ASCII: all keys with a prefix lie before the prefix with its last character raised by one. */
function prefixFilter(prefix: string): string {
  if (prefix === "") return "";
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return odata`RowKey ge ${prefix} and RowKey lt ${end}`;
}
