/** Where the tables and queues are, and how the app proves itself to them. */
export type StorageSettings = SharedKeyStorage | IdentityStorage;

export interface SharedKeyStorage {
  readonly kind: "sharedKey";
  readonly accountName: string;
  /** A secret: never logged. */
  readonly accountKey: string;
  /** Service URL without a slash at the end, e.g. `https://account.table.core.windows.net`. */
  readonly tableUrl: string;
  readonly queueUrl: string;
}

export interface IdentityStorage {
  readonly kind: "identity";
  /** Client id of a user-assigned managed identity; undefined = the app's system-assigned one. */
  readonly clientId: string | undefined;
  readonly tableUrl: string;
  readonly queueUrl: string;
}

interface StorageValues {
  readonly AzureWebJobsStorage?: SharedKeyStorage | undefined;
  readonly AzureWebJobsStorage__accountName?: string | undefined;
  readonly AzureWebJobsStorage__tableServiceUri?: string | undefined;
  readonly AzureWebJobsStorage__queueServiceUri?: string | undefined;
  readonly AzureWebJobsStorage__clientId?: string | undefined;
}

/**
 * The storage that the settings name. A service URI goes before the account's name, as in the Functions host.
 * @throws Error when they name none, which `setting-relations.ts` reports before.
 */
export function toStorageSettings(values: StorageValues): StorageSettings {
  if (values.AzureWebJobsStorage !== undefined) return values.AzureWebJobsStorage;
  const account = values.AzureWebJobsStorage__accountName;
  const urlOf = (service: string) =>
    account === undefined ? undefined : `https://${account}.${service}.core.windows.net`;
  const tableUrl = values.AzureWebJobsStorage__tableServiceUri ?? urlOf("table");
  const queueUrl = values.AzureWebJobsStorage__queueServiceUri ?? urlOf("queue");
  if (tableUrl === undefined || queueUrl === undefined) throw new Error("No storage is set.");
  return { kind: "identity", clientId: values.AzureWebJobsStorage__clientId, tableUrl, queueUrl };
}
