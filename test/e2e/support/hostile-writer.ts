import type { Row, Table } from "../../../shared/storage/table.ts";

/** What somebody with a data role on the storage account can do to one of the app's tables. */
export const hostileWriter = (table: Table) => ({
  rowsOf: async (partition: string): Promise<readonly Row[]> => (await table.list(partition)).value,

  put: (partition: string, row: string, content: unknown) =>
    table.commit(partition, [{ type: "upsert", row, content }]),

  /** Puts the rows back as they were, or into another partition; what has come since goes. */
  async restore(rows: readonly Row[], partition: string): Promise<void> {
    await removeAll(await this.rowsOf(partition), table);
    for (const { row, content } of rows) await this.put(partition, row, content);
  },

  /** Leaves nothing of the table. */
  async wipe(): Promise<void> {
    const rows: Row[] = [];
    for await (const row of table.scan("")) rows.push(row);
    await removeAll(rows, table);
  },
});

async function removeAll(rows: readonly Row[], table: Table): Promise<void> {
  for (const { partition, row, etag } of rows) await table.commit(partition, [{ type: "delete", row, etag }]);
}
