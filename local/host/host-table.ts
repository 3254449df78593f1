import { TableClient } from "@azure/data-tables";
import { type Env, storageConnectionString } from "./app-settings.ts";

// Azure keeps timer locks and timer status in blobs of the container azure-webjobs-hosts. Here they are rows of a table,
// which spares the blob package; the rules (one holder, renewed, expiring) are the same.
const tableName = "AzureFunctionsLocalHost";

/** The table in `AzureWebJobsStorage` that hosts of the same app share. */
export function hostTable(env: Env): TableClient {
  return TableClient.fromConnectionString(storageConnectionString(env), tableName, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 1 },
  });
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === status;
}

export function undefinedWhenMissing(error: unknown): undefined {
  if (hasStatus(error, 404)) return undefined;
  throw error;
}
