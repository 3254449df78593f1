import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { TableClient, TableServiceClientOptions } from "@azure/data-tables";
import { classify } from "./call-storage.ts";
import type { CallOptions } from "./call-storage-parts.ts";
import { StorageUnavailableError } from "./storage-errors.ts";
import type { PreparedCommit } from "./transaction.ts";
import { transactionBody } from "./transaction-body.ts";

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
 * Never repeated by the SDK: after a lost answer the repetition would meet our own etag and report a conflict, although it was applied.
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
