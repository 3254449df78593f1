import { z } from "zod";
import { auditPartition } from "../audit-log/shared-state.ts";
import { parseContent } from "../storage/parse-content.ts";
import { type Table, unforged } from "../storage/table.ts";

/** That the audit stream has brought something, shared by all instances. */
export interface StreamRecord {
  /** Storage's time of the last batch that was noted; at most a minute behind the last batch. */
  readonly lastAt: number;
  /** Whether that batch held a record that could not be read. */
  readonly broken: boolean;
}

const schema = z.object({ schema: z.literal(1), broken: z.boolean() });
const row = "stream";

/** Milliseconds between two notes: batches may come every second. */
const noteEvery = 60_000;

/** @throws StorageRowError when another version wrote it. */
export async function loadStream(table: Table): Promise<StreamRecord | null> {
  const value = unforged((await table.get(auditPartition, row)).value);
  return value === undefined ? null : { lastAt: value.timestamp, broken: parseContent(value, schema).broken };
}

/** Notes a batch. The last writer may win: each says the same. */
export async function noteStream(table: Table, records: number, problems: number): Promise<void> {
  if (records + problems === 0) return;
  const { value, storageTime } = await table.get(auditPartition, row);
  if (value !== undefined && storageTime - value.timestamp < noteEvery) return;
  await table.commit(auditPartition, [{ type: "upsert", row, content: { schema: 1, broken: problems > 0 } }]);
}
