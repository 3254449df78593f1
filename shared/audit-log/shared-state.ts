import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { type Table, unforged } from "../storage/table.ts";

/** How far the audit log has been read, shared by all instances. */
export interface CatchUpRecord {
  /** Graph's time of the first reading ever: what ended before is nobody's. Null until one has succeeded. */
  readonly from: number | null;
  /** Graph's time up to which everything that was there has been taken in; null before the first reading. */
  readonly readTo: number | null;
  /** Graph's time of the newest row that we read; null when there was none. */
  readonly newestRow: number | null;
  /** Storage's time until which an instance reads; null when none does. */
  readonly busyUntil: number | null;
  /** Storage's time of the last reading that came to its end, null before the first. */
  readonly finishedAt: number | null;
  /** Storage's time before which there is no use in asking again. */
  readonly notBefore: number | null;
  /** Code of the failure, if the last reading failed. */
  readonly error: string | null;
}

export const nothingRead: CatchUpRecord = {
  from: null,
  readTo: null,
  newestRow: null,
  busyUntil: null,
  finishedAt: null,
  notBefore: null,
  error: null,
};

const time = z.number().nullable();
const schema = z.object({
  schema: z.literal(1),
  from: time,
  readTo: time,
  newestRow: time,
  busyUntil: time,
  finishedAt: time,
  notBefore: time,
  error: z.string().nullable(),
});

export const auditPartition = "audit";
const row = "catchUp";

export interface LoadedCatchUp {
  readonly record: CatchUpRecord;
  readonly etag: string | null;
  readonly storageTime: number;
}

/** @throws StorageRowError when another version wrote it. */
export async function loadCatchUp(table: Table): Promise<LoadedCatchUp> {
  const { value, storageTime } = await table.get(auditPartition, row);
  const trusted = unforged(value);
  return {
    record: trusted === undefined ? nothingRead : parseContent(trusted, schema),
    etag: value?.etag ?? null,
    storageTime,
  };
}

/** @throws StorageConflictError when another instance was first. */
export async function saveCatchUp(table: Table, { record, etag }: LoadedCatchUp): Promise<LoadedCatchUp> {
  const content = { schema: 1, ...record };
  const operation =
    etag === null ? { type: "insert" as const, row, content } : { type: "replace" as const, row, content, etag };
  const { value, storageTime } = await table.commit(auditPartition, [operation]);
  return { record, etag: value.get(row) ?? null, storageTime };
}
