import { z } from "zod";
import type { Operation } from "../operators/read-order.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import { isForged, type Row, type Table } from "../storage/table.ts";

const partition = "operations";

/** In version 1 the caller said who gave the order, and the row's time was when. */
const schema = z.union([
  z.object({ schema: z.literal(1), at: z.undefined().optional() }),
  z.object({ schema: z.literal(2), at: z.iso.datetime() }),
]);

/** Records an order: who gave it (object id), when (epoch milliseconds) and why. Resolves to storage's time of that, epoch milliseconds, whole seconds. */
export async function recordOrder(
  state: Table,
  operationId: string,
  operation: Operation,
  by: string,
  now: number,
): Promise<number> {
  const { action, reason, principalId = null, messageId = null, carryOutPending = null } = operation;
  const at = new Date(now).toISOString();
  const content = { schema: 2, at, by, action, reason, principalId, messageId, carryOutPending };
  const { storageTime } = await state.commit(partition, [{ type: "insert", row: operationId, content }]);
  return storageTime;
}

/** Removes the orders from before this time, epoch milliseconds; what this version cannot read stays. Returns their number. */
export async function purgeOrders(state: Table, before: number): Promise<number> {
  const { value: rows } = await state.list(partition);
  let purged = 0;
  for (const row of rows.filter((row) => isOlder(row, before))) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
      purged += 1;
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return purged;
}

function isOlder(row: Row, before: number): boolean {
  if (isForged(row)) return false;
  try {
    const { at } = parseContent<z.infer<typeof schema>>(row, schema);
    return (at === undefined ? row.timestamp : Date.parse(at)) < before;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return false;
  }
}
