import { loadCatchUp } from "../audit-log/shared-state.ts";
import { AUDITS_UNSUPPORTED } from "../graph/directory-audits.ts";
import type { SourceHealth } from "../signals/source-health.ts";
import type { Table } from "../storage/table.ts";
import { loadStream } from "./stream-record.ts";

/** Milliseconds without a finished reading, of one every half minute, that are too much. */
const tooLong = 5 * 60_000;

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/** Whether Graph's audit log is read on. Proven by a row: a reading that finds nothing may be of a tenant where nothing happens. */
export async function catchUpHealth(state: Table): Promise<SourceHealth> {
  const { record, storageTime } = await loadCatchUp(state);
  const { error, finishedAt, newestRow, busyUntil } = record;
  const lastAt = iso(newestRow);
  if (error === AUDITS_UNSUPPORTED) return { state: "unsupported", lastAt, detail: error };
  // After an outage one reading takes several runs, and is none the worse for that.
  const isReading = error === null && busyUntil !== null && busyUntil > storageTime;
  const isOld = finishedAt === null ? error !== null : storageTime - finishedAt > tooLong;
  if (isOld && !isReading) return { state: "failing", lastAt, detail: error ?? "notReadLately" };
  return { state: newestRow === null ? "unproven" : "proven", lastAt, detail: error };
}

/** Whether the event hub has ever brought anything. Silence proves nothing: a tenant may be quiet. */
export async function streamHealth(state: Table): Promise<SourceHealth> {
  const stream = await loadStream(state);
  if (stream === null) return { state: "unproven", lastAt: null, detail: null };
  return { state: "proven", lastAt: iso(stream.lastAt), detail: stream.broken ? "recordsUnreadable" : null };
}
