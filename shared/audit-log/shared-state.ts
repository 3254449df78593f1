import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { nextTurn, type ReportPace } from "../graph/pace.ts";
import { parseContent, putRow, StorageConflictError, type Table, unforged } from "../storage/table.ts";

/** How far the audit log has been read, shared by all instances. Times are epoch milliseconds. */
export interface CatchUpRecord {
  /** Graph's time of the very first reading: earlier ends never lead to a revoke. Null until a reading has succeeded. */
  readonly from: number | null;
  /** Graph's time up to which all rows have been taken in; null before the first reading. */
  readonly readTo: number | null;
  /** Graph's time of the newest row read so far; null when there was none. */
  readonly newestRow: number | null;
  /** Storage's time until which a reading instance holds the lease; null when none reads. */
  readonly busyUntil: number | null;
  /** Storage's time when a reading last finished; null before the first. */
  readonly finishedAt: number | null;
  /** Storage's time before which the log is not read again; null when it may be read at once. */
  readonly notBefore: number | null;
  /** Error code of the last reading; null when it succeeded. */
  readonly error: string | null;
}

const nothingRead: CatchUpRecord = {
  from: null,
  readTo: null,
  newestRow: null,
  busyUntil: null,
  finishedAt: null,
  notBefore: null,
  error: null,
};

const time = z.number().nullable();
const catchUpSchema = z.object({
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
const catchUpRow = "catchUp";

export interface LoadedCatchUp {
  readonly record: CatchUpRecord;
  readonly etag: string | null;
  readonly storageTime: number;
}

/** @throws StorageRowError when another version wrote the row. */
export async function loadCatchUp(table: Table): Promise<LoadedCatchUp> {
  const { value, storageTime } = await table.get(auditPartition, catchUpRow);
  const trusted = unforged(value);
  return {
    record: trusted === undefined ? nothingRead : parseContent(trusted, catchUpSchema),
    etag: value?.etag ?? null,
    storageTime,
  };
}

/** @throws StorageConflictError when another instance was first. */
export async function saveCatchUp(table: Table, { record, etag }: LoadedCatchUp): Promise<LoadedCatchUp> {
  const content = { schema: 1, ...record };
  const operation = putRow(catchUpRow, content, etag);
  const { value, storageTime } = await table.commit(auditPartition, [operation]);
  return { record, etag: value.get(catchUpRow) ?? null, storageTime };
}

const paceRow = "pace";
const paceSchema = z.object({ schema: z.literal(1), takenUntil: z.number() });

/** Milliseconds. No turn is ever this far ahead: a row that says so is wrong, and is ignored so that readings do not wait for it. */
const farthest = 60_000;

/** Tries to take a turn when other instances take turns at the same time. */
const tries = 10;

/** The pace of report calls by all instances together: Graph's quota is per app and tenant. Turns are rows in storage, so they survive a crash. */
export const createStoredReportPace = (state: Table, clock: Clock): ReportPace => ({
  async turn(request) {
    for (let left = tries - 1; ; left -= 1) {
      const { value, storageTime } = await state.get(auditPartition, paceRow);
      const trusted = unforged(value);
      const stored = trusted === undefined ? 0 : parseContent(trusted, paceSchema).takenUntil;
      const { wait, takenUntil } = nextTurn(stored > storageTime + farthest ? 0 : stored, storageTime, request);
      const content = { schema: 1, takenUntil };
      const put = value === undefined ? { type: "insert" as const } : { type: "replace" as const, etag: value.etag };
      try {
        await state.commit(auditPartition, [{ ...put, row: paceRow, content }]);
      } catch (error) {
        if (!(error instanceof StorageConflictError) || left === 0) throw error;
        continue;
      }
      if (wait > 0) await clock.sleep(wait);
      return;
    }
  },
});
