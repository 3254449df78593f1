import { z } from "zod";
import { auditPartition } from "../audit-log/shared-state.ts";
import type { Clock } from "../base/clock.ts";
import { nextTurn, type ReportPace } from "../graph/report-pace.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import { type Table, unforged } from "../storage/table.ts";

const row = "pace";
const schema = z.object({ schema: z.literal(1), takenUntil: z.number() });

/** Milliseconds. Turns are never given so far ahead: what says so is a mistake, and must not keep everybody waiting. */
const farthest = 60_000;

/** How often a turn is asked for again when somebody else took it. */
const tries = 10;

/** The pace of all instances together: Graph counts by app and tenant. Turns are rows of storage, by storage's time, so they survive a crash. */
export const createStoredReportPace = (state: Table, clock: Clock): ReportPace => ({
  async turn(request) {
    for (let left = tries - 1; ; left -= 1) {
      const { value, storageTime } = await state.get(auditPartition, row);
      const trusted = unforged(value);
      const stored = trusted === undefined ? 0 : parseContent(trusted, schema).takenUntil;
      const { wait, takenUntil } = nextTurn(stored > storageTime + farthest ? 0 : stored, storageTime, request);
      const content = { schema: 1, takenUntil };
      const put = value === undefined ? { type: "insert" as const } : { type: "replace" as const, etag: value.etag };
      try {
        await state.commit(auditPartition, [{ ...put, row, content }]);
      } catch (error) {
        if (!(error instanceof StorageConflictError) || left === 0) throw error;
        continue;
      }
      if (wait > 0) await clock.sleep(wait);
      return;
    }
  },
});
