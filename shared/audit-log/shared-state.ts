import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { nextTurn, type ReportPace } from "../graph/pace.ts";
import { parseContent } from "../storage/rows.ts";
import { StorageConflictError, type Table, unforged } from "../storage/table.ts";

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

/** @throws StorageRowError when another version wrote it. */
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
  const operation =
    etag === null
      ? { type: "insert" as const, row: catchUpRow, content }
      : { type: "replace" as const, row: catchUpRow, content, etag };
  const { value, storageTime } = await table.commit(auditPartition, [operation]);
  return { record, etag: value.get(catchUpRow) ?? null, storageTime };
}

const paceRow = "pace";
const paceSchema = z.object({ schema: z.literal(1), takenUntil: z.number() });

/** Milliseconds. Turns are never given so far ahead: what says so is a mistake, and must not keep everybody waiting. */
const farthest = 60_000;

/** How often a turn is asked for again when somebody else took it. */
const tries = 10;

/** The pace of all instances together: Graph counts by app and tenant. Turns are rows of storage, by storage's time, so they survive a crash. */
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
