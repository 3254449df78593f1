import type { PreparedOperation } from "./transaction.ts";

interface TransactionBody {
  /** Without a slash at the end. */
  readonly tableUrl: string;
  readonly partition: string;
  readonly operations: readonly PreparedOperation[];
  readonly boundary: string;
}

/** The multipart body of an entity group transaction (Azure docs: Performing entity group transactions). */
export function transactionBody({ tableUrl, partition, operations, boundary }: TransactionBody): string {
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
