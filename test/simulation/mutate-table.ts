import type { Operation, Table } from "../../shared/storage/table.ts";

/** A table that ignores every condition: what was read before does not matter. */
export function lastWriterWins(table: Table): Table {
  const unconditional = async (partition: string, operation: Operation): Promise<Operation[]> => {
    if (operation.type === "delete") {
      const { value } = await table.get(partition, operation.row);
      return value === undefined ? [] : [{ ...operation, etag: value.etag }];
    }
    return [{ type: "upsert", row: operation.row, content: operation.content }];
  };
  return {
    ...table,
    commit: async (partition, operations) => {
      const changed = await Promise.all(operations.map((operation) => unconditional(partition, operation)));
      return table.commit(partition, changed.flat());
    },
  };
}

/** A table in which one row is never written. */
export const forgetRow = (table: Table, row: string): Table => ({
  ...table,
  commit: (partition, operations) =>
    table.commit(
      partition,
      operations.filter((operation) => operation.row !== row),
    ),
});
