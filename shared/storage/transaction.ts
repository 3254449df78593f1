import { checkKey } from "./check-key.ts";
import { type ContentProperties, toProperties } from "./rows.ts";
import { StorageConflictError, StorageLimitError } from "./storage-errors.ts";
import { maxOperations, maxTransactionBytes, type Operation } from "./table.ts";

/** An operation that passed every check, with its document as properties of an entity. */
export type PreparedOperation =
  | { readonly type: "insert"; readonly row: string; readonly properties: ContentProperties }
  | { readonly type: "upsert"; readonly row: string; readonly properties: ContentProperties }
  | { readonly type: "replace"; readonly row: string; readonly properties: ContentProperties; readonly etag: string }
  | { readonly type: "delete"; readonly row: string; readonly etag: string };

export type PreparedCommit = readonly [PreparedOperation, ...PreparedOperation[]];

const maxEntityBytes = 1024 * 1024;
/** Headers and boundaries of one operation in the body of a transaction: an upper bound without keys. */
const operationOverhead = 1024;

/**
 * Checks a commit before anything is sent; the same rules for Azure and for the in-memory twin.
 * @throws StorageLimitError for too many or too large operations, a key that is not allowed, or two operations on one row.
 * @throws StorageConflictError for an etag that no row can have: `*` would switch the condition off.
 */
export function prepareCommit(partition: string, operations: readonly Operation[]): PreparedCommit {
  checkKey(partition);
  const [first, ...rest] = operations;
  if (first === undefined || operations.length > maxOperations) {
    throw new StorageLimitError(`A commit has ${operations.length} operations; it needs 1 to ${maxOperations}.`);
  }
  if (new Set(operations.map(({ row }) => row)).size < operations.length) {
    throw new StorageLimitError("A commit has two operations on one row; at most one is allowed.");
  }
  const prepared: PreparedCommit = [prepareOperation(first), ...rest.map(prepareOperation)];
  const bytes = prepared.reduce((sum, operation) => sum + transactionBytes(partition, operation), 0);
  if (bytes > maxTransactionBytes) {
    throw new StorageLimitError(`A commit takes ${bytes} bytes; at most ${maxTransactionBytes} are allowed.`);
  }
  for (const operation of prepared) checkEntitySize(partition, operation);
  return prepared;
}

function prepareOperation(operation: Operation): PreparedOperation {
  checkKey(operation.row);
  if ("etag" in operation && !/^(W\/)?".+"$/.test(operation.etag)) {
    throw new StorageConflictError("A conditional write needs the etag that was read with the row.");
  }
  if (operation.type === "delete") return operation;
  const { content, ...rest } = operation;
  return { ...rest, properties: toProperties(content) };
}

function checkEntitySize(partition: string, operation: PreparedOperation): void {
  const bytes = entityBytes(partition, operation);
  if (bytes > maxEntityBytes) {
    throw new StorageLimitError(`A row takes ${bytes} bytes; at most ${maxEntityBytes} are allowed.`);
  }
}

/** What an entity counts for (Azure docs: Understanding the Table service data model): two bytes per character and some per property. */
function entityBytes(partition: string, operation: PreparedOperation): number {
  const keys = 4 + 2 * (partition.length + operation.row.length);
  return propertiesOf(operation).reduce((sum, [name, text]) => sum + 8 + 2 * name.length + 4 + 2 * text.length, keys);
}

/** An upper bound of what an operation takes in the body of a transaction. */
function transactionBytes(partition: string, operation: PreparedOperation): number {
  const keys = 2 * 3 * (partition.length + operation.row.length);
  return propertiesOf(operation).reduce(
    (sum, [, text]) => sum + Buffer.byteLength(JSON.stringify(text)),
    operationOverhead + keys,
  );
}

const propertiesOf = (operation: PreparedOperation): [string, string][] =>
  operation.type === "delete" ? [] : Object.entries(operation.properties);
