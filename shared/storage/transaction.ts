import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { TableClient, TableServiceClientOptions } from "@azure/data-tables";
import { type CallOptions, classify } from "./call-storage.ts";
import {
  checkKey,
  maxOperations,
  maxTransactionBytes,
  type Operation,
  StorageConflictError,
  StorageLimitError,
  StorageUnavailableError,
} from "./table.ts";

/** An operation that passed every check, with its document as properties of an entity. */
export type PreparedOperation =
  | { readonly type: "insert"; readonly row: string; readonly properties: ContentProperties }
  | { readonly type: "upsert"; readonly row: string; readonly properties: ContentProperties }
  | { readonly type: "replace"; readonly row: string; readonly properties: ContentProperties; readonly etag: string }
  | { readonly type: "delete"; readonly row: string; readonly etag: string };

type PreparedCommit = readonly [PreparedOperation, ...PreparedOperation[]];

const maxEntityBytes = 1024 * 1024;
/** Bytes of headers and boundaries per operation in the body of a transaction: an upper bound, keys not included. */
const operationOverhead = 1024;

/**
 * Checks a commit before anything is sent; the same rules for Azure and for the in-memory twin.
 * @throws StorageLimitError for too many or too large operations, a key that is not allowed, or two operations on one row.
 * @throws StorageConflictError for an etag that no row can have: `*` would switch the condition off.
 */
export function prepareCommit(partition: string, operations: readonly Operation[]): PreparedCommit {
  checkKey(partition);
  const [first, ...others] = operations;
  if (first === undefined || operations.length > maxOperations) {
    throw new StorageLimitError(`A commit has ${operations.length} operations; it needs 1 to ${maxOperations}.`);
  }
  if (new Set(operations.map(({ row }) => row)).size < operations.length) {
    throw new StorageLimitError("A commit has two operations on one row; at most one is allowed.");
  }
  const prepared: PreparedCommit = [prepareOperation(first), ...others.map(prepareOperation)];
  const entityBytes = prepared.reduce((sum, operation) => sum + checkEntitySize(partition, operation), 0);
  // In JSON a character takes at most six bytes, three times as many as in an entity: only a large commit must be measured.
  if (operationOverhead * prepared.length + 3 * entityBytes <= maxTransactionBytes) return prepared;
  const bytes = prepared.reduce((sum, operation) => sum + transactionBytes(partition, operation), 0);
  if (bytes > maxTransactionBytes) {
    throw new StorageLimitError(`A commit takes ${bytes} bytes; at most ${maxTransactionBytes} are allowed.`);
  }
  return prepared;
}

function prepareOperation(operation: Operation): PreparedOperation {
  checkKey(operation.row);
  if ("etag" in operation && !/^(W\/)?".+"$/.test(operation.etag)) {
    throw new StorageConflictError("A conditional write needs the etag that was read with the row.");
  }
  if (operation.type === "delete") return operation;
  const { row } = operation;
  const properties = toProperties(operation.content);
  return operation.type === "replace"
    ? { type: operation.type, row, etag: operation.etag, properties }
    : { type: operation.type, row, properties };
}

/** Checks the size of an entity (Azure docs: Understanding the Table service data model): two bytes per character and some per property. */
function checkEntitySize(partition: string, operation: PreparedOperation): number {
  let bytes = 4 + 2 * (partition.length + operation.row.length);
  for (const [name, text] of propertiesOf(operation)) bytes += 8 + 2 * name.length + 4 + 2 * text.length;
  if (bytes > maxEntityBytes) {
    throw new StorageLimitError(`A row takes ${bytes} bytes; at most ${maxEntityBytes} are allowed.`);
  }
  return bytes;
}

/** An upper bound of the bytes that an operation takes in the body of a transaction. */
const transactionBytes = (partition: string, operation: PreparedOperation): number =>
  propertiesOf(operation).reduce(
    (sum, [, text]) => sum + Buffer.byteLength(JSON.stringify(text)),
    operationOverhead + 2 * 3 * (partition.length + operation.row.length),
  );

const propertiesOf = (operation: PreparedOperation): [string, string][] =>
  operation.type === "delete" ? [] : Object.entries(operation.properties);

type SendTransaction = (
  partition: string,
  operations: PreparedCommit,
  options: CallOptions,
) => Promise<ReadonlyMap<string, string>>;

interface Transaction {
  readonly boundary: string;
  readonly body: string;
  readonly onResponse: CallOptions["onResponse"];
}

/**
 * Entity group transactions with conditional deletes, which the SDK's `submitTransaction` cannot do: it sends every delete with
 * `If-Match: *`. So the SDK signs, sends and parses, and a policy in its pipeline puts our body in the place of its own.
 *
 * The SDK must not repeat it: after a lost answer the repetition would find the etag changed by the first try and report a conflict, although
 * the transaction was applied.
 */
export function createTransactionSender(connect: (options: TableServiceClientOptions) => TableClient): SendTransaction {
  const current = new AsyncLocalStorage<Transaction>();
  const client = connect({
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: "perCall",
        policy: {
          name: "conditionalTransaction",
          async sendRequest(request, next) {
            const transaction = current.getStore();
            if (transaction === undefined) return next(request);
            request.headers.set("Content-Type", `multipart/mixed; boundary=${transaction.boundary}`);
            request.body = transaction.body;
            const response = await next(request);
            transaction.onResponse(response);
            return response;
          },
        },
      },
    ],
  });

  return async (partition, operations, { abortSignal, onResponse }) => {
    const boundary = `batch_${randomUUID()}`;
    const body = transactionBody({ tableUrl: `${client.url}/${client.tableName}`, partition, operations, boundary });
    const placeholder = { partitionKey: partition, rowKey: operations[0].row };
    const { subResponses } = await current.run({ boundary, body, onResponse }, () =>
      client.submitTransaction([["delete", placeholder]], { abortSignal }),
    );

    const failed = subResponses.find(({ status }) => status >= 300);
    if (failed !== undefined) throw classify({ status: failed.status, code: "no code" });
    if (subResponses.length !== operations.length) {
      throw new StorageUnavailableError("Storage answered a commit with fewer results than operations: read again.");
    }
    // The results come in the order of the operations (Azure docs: Performing entity group transactions).
    const etags = new Map<string, string>();
    for (const [index, { type, row }] of operations.entries()) {
      if (type === "delete") continue;
      const etag = subResponses[index]?.etag;
      if (etag === undefined)
        throw new StorageUnavailableError("Storage answered a commit without an etag: read again.");
      etags.set(row, etag);
    }
    return etags;
  };
}

interface TransactionBody {
  /** Without a slash at the end. */
  readonly tableUrl: string;
  readonly partition: string;
  readonly operations: readonly PreparedOperation[];
  readonly boundary: string;
}

/** The multipart body of an entity group transaction (Azure docs: Performing entity group transactions). */
function transactionBody({ tableUrl, partition, operations, boundary }: TransactionBody): string {
  const changeset = `changeset_${boundary}`;
  const parts = operations.flatMap((operation) => [
    `--${changeset}`,
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    ...requestLines(tableUrl, partition, operation),
  ]);
  return [
    `--${boundary}`,
    `Content-Type: multipart/mixed; boundary=${changeset}`,
    "",
    ...parts,
    `--${changeset}--`,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

function requestLines(tableUrl: string, partition: string, operation: PreparedOperation): readonly string[] {
  const entityUrl = `${tableUrl}(PartitionKey='${quote(partition)}',RowKey='${quote(operation.row)}')`;
  const accept = ["Accept: application/json;odata=minimalmetadata", "DataServiceVersion: 3.0"];
  if (operation.type === "delete") {
    return [`DELETE ${entityUrl} HTTP/1.1`, ...accept, `If-Match: ${operation.etag}`, "", ""];
  }
  const entity = JSON.stringify({ PartitionKey: partition, RowKey: operation.row, ...operation.properties });
  const lines = [...accept, "Content-Type: application/json"];
  if (operation.type === "insert") {
    return [`POST ${tableUrl} HTTP/1.1`, ...lines, "Prefer: return-no-content", "", entity];
  }
  // Without If-Match a PUT is "Insert Or Replace Entity", with it "Update Entity".
  const condition = operation.type === "replace" ? [`If-Match: ${operation.etag}`] : [];
  return [`PUT ${entityUrl} HTTP/1.1`, ...lines, ...condition, "", entity];
}

const quote = (key: string): string => encodeURIComponent(key.replaceAll("'", "''"));

/**
 * How a JSON document is stored in a table entity: in `content`, and the part that does not fit there in `content1`, `content2`, ...
 * because one string property holds at most 64 KiB of UTF-16 (Azure docs: Understanding the Table service data model).
 */

const maxPropertyLength = 32 * 1024;

/** Properties of an entity that hold the document. */
export type ContentProperties = Readonly<Record<string, string>>;

/** @throws TypeError when the document has no JSON form (undefined, a function, a bigint, a cycle). */
export function toProperties(content: unknown): ContentProperties {
  const json: string | undefined = JSON.stringify(content);
  if (json === undefined) throw new TypeError("A row's content must be a JSON document.");
  if (json.length <= maxPropertyLength) return { content: json };
  return Object.fromEntries(split(json).map((text, index) => [propertyName(index), text]));
}

/**
 * The document of a stored entity, parsed; undefined when there is none or it is not JSON.
 * One foreign row must not make a whole list unreadable, so the code that reads the row refuses it.
 */
export function fromProperties(entity: Readonly<Record<string, unknown>>): unknown {
  let json = "";
  for (let index = 0; ; index += 1) {
    const text = entity[propertyName(index)];
    if (typeof text !== "string") break;
    json += text;
  }
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const propertyName = (index: number): string => (index === 0 ? "content" : `content${index}`);

/** Never cuts between the two halves of a surrogate pair: as UTF-8, each single half would become U+FFFD. */
function split(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + maxPropertyLength, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
