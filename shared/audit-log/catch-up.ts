import { AUDITS_UNSUPPORTED, type AuditRow } from "../graph/directory-audits.ts";
import { type GraphError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { Dated } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { SourceHealth } from "../notifications/source-health.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";
import { noteElevations } from "./elevations.ts";
import { parseAuditRows } from "./parse.ts";
import type { ReadAudits } from "./questions.ts";
import type { AuditRecord } from "./record.ts";
import { type CatchUpRecord, type LoadedCatchUp, loadCatchUp, saveCatchUp } from "./shared-state.ts";
import { loadStream } from "./stream.ts";
import { type AuditMemory, takeIn } from "./take-in.ts";

const minute = 60_000;

/** Rows come late and out of order: so much is read again each time. Microsoft's last published figure was 5 minutes for 99 % of rows. */
export const overlap = 10 * minute;
/** What is read in one go after an outage; longer than the overlap, so that it gets ahead. */
const slice = 60 * minute;
/** Rows are kept for 30 days, and an older question is refused (Entra docs: reference-reports-data-retention). */
export const retention = 30 * 24 * 60 * minute - 5 * minute;
/** One invocation begins no further slice after so long: it may take two minutes (`host.json`). */
const invocation = 45_000;
/** The lease: longer than any invocation. Who dies with it is followed after that. */
const busyFor = 2.5 * minute;
/** Three intervals of the timer. */
const late = 1.5 * minute;
/** Where there is no audit log there will hardly be one a minute later; a refusal waits for a person. */
const waitUnsupported = 60 * minute;
const waitRefused = 5 * minute;

export interface CatchUpDependencies extends CoreDependencies {
  readonly readAudits: ReadAudits;
  /** Of this process. */
  readonly memory: AuditMemory;
}

/**
 * Reads on in Graph's audit log where the last reading ended, whichever instance made it and however long ago, and takes in what it reports.
 * Does nothing while another instance reads. A failure of Graph is recorded, not thrown: the next one goes on there.
 * @throws the errors of storage: what was not taken in is read again.
 */
export async function catchUp(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadCatchUp(state);
  const { record, storageTime } = loaded;
  if (Math.max(record.busyUntil ?? 0, record.notBefore ?? 0) > storageTime) return;
  try {
    const begun = await saveCatchUp(state, {
      ...loaded,
      record: { ...record, busyUntil: storageTime + busyFor, notBefore: null },
    });
    await readOn(begun, dependencies);
  } catch (error) {
    // Another instance was first, or has taken over from us: what it reads counts.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** The same when no reading has ended lately: on Flex Consumption timers have been seen to stop for good while the rest went on. */
export async function catchUpIfLate(dependencies: CatchUpDependencies): Promise<void> {
  const { record, storageTime } = await loadCatchUp(dependencies.state);
  if (record.finishedAt === null || storageTime - record.finishedAt > late) await catchUp(dependencies);
}

/** Milliseconds: how soon to ask again who found another instance reading. */
const whileBusy = 1000;

/**
 * The same after a notification of a new row, unless a reading has begun since. Resolves to the milliseconds after which to ask again, when Graph's quota of
 * reports or another instance stands before it; null otherwise.
 */
export async function catchUpPast(notifiedAt: number, dependencies: CatchUpDependencies): Promise<number | null> {
  const { state, policy } = dependencies;
  if (policy.mode === "off") return null;
  const isRead = ({ record }: LoadedCatchUp) => (record.readTo ?? 0) > notifiedAt;
  if (isRead(await loadCatchUp(state))) return null;
  await catchUp(dependencies);
  const after = await loadCatchUp(state);
  const { notBefore, busyUntil } = after.record;
  const wait = (notBefore ?? 0) - after.storageTime;
  // What is refused or not offered is asked again by the timer.
  if (wait > minute) return null;
  if (wait > 0) return wait;
  return (busyUntil ?? 0) > after.storageTime ? whileBusy : null;
}

async function readOn(begun: LoadedCatchUp, dependencies: CatchUpDependencies): Promise<void> {
  const { state, clock, graphClock, readAudits } = dependencies;
  const startedAt = clock.monotonic();
  for (let loaded = begun; ; ) {
    const { record } = loaded;
    const now = graphClock.now(loaded.storageTime);
    const since = sinceOf(record, now, dependencies);
    const until = since + slice < now ? since + slice : undefined;
    let answer: Dated<readonly AuditRow[]>;
    try {
      answer = await readAudits({ since, ...(until === undefined ? {} : { until }) });
    } catch (error) {
      if (!isGraphError(error)) throw error;
      await saveCatchUp(state, { ...loaded, record: failed(loaded, error, dependencies) });
      return;
    }
    graphClock.observe(answer);
    const from = record.from ?? answer.date;
    const newestRow = await takeRowsIn(answer, from, dependencies);
    const isOver = until === undefined || clock.monotonic() - startedAt > invocation;
    loaded = await saveCatchUp(state, {
      ...loaded,
      record: {
        ...record,
        from,
        readTo: until ?? answer.date,
        newestRow: Math.max(record.newestRow ?? newestRow, newestRow) || null,
        error: null,
        busyUntil: isOver ? null : record.busyUntil,
        finishedAt: isOver ? loaded.storageTime : record.finishedAt,
      },
    });
    if (isOver) return;
  }
}

/** Where to read on. After more than 30 days away there is a gap that nothing can fill. */
function sinceOf({ readTo }: CatchUpRecord, now: number, { telemetry }: CatchUpDependencies): number {
  if (readTo === null) return now - overlap;
  const oldest = now - retention;
  if (readTo < oldest) {
    const gap = { from: new Date(readTo).toISOString(), to: new Date(oldest).toISOString() };
    telemetry.alarm("auditGap", gap);
  }
  return Math.max(readTo - overlap, oldest);
}

/** Epoch milliseconds of the newest row; 0 when there is none. */
async function takeRowsIn(
  { value: rows, date }: Dated<readonly AuditRow[]>,
  from: number,
  dependencies: CatchUpDependencies,
): Promise<number> {
  const { memory, telemetry } = dependencies;
  // Rows are read again for minutes: a broken one is raised once.
  const fresh = rows.filter(({ id }) => !memory.knows(id));
  const { records, problems } = parseAuditRows(fresh);
  const [first] = problems;
  if (first !== undefined) {
    telemetry.alarm("auditRowsUnreadable", { source: "catchUp", count: problems.length, ...first });
  }
  const { news, remember } = memory.news(records);
  await takeIn(news, from, date, dependencies);
  await noteElevations(news.elevations, dependencies);
  const read = new Set(records.map(({ id }) => id));
  remember(fresh.flatMap(({ id }) => (typeof id === "string" && !read.has(id) ? id : [])));
  const { ends, hints, ruled } = news;
  telemetry.event("auditsRead", {
    rows: rows.length,
    ends: ends.length,
    hints: hints.size,
    ruled: ruled.length,
  });
  return newestOf(records);
}

const newestOf = (records: readonly AuditRecord[]): number =>
  records.reduce((newest, { occurredAt }) => Math.max(newest, instantMs(occurredAt)), 0);

function failed({ record, storageTime }: LoadedCatchUp, error: GraphError, { telemetry }: CatchUpDependencies) {
  const { code, status = null, requestId = null, message } = error;
  const properties = { code, status, requestId, message };
  const ended = { ...record, busyUntil: null, error: code };
  if (error instanceof GraphRetryableError) {
    telemetry.event("auditsUnread", properties);
    const wait = error.retryAfter ?? 0;
    return { ...ended, notBefore: wait > 0 ? storageTime + wait : null };
  }
  if (code === AUDITS_UNSUPPORTED) {
    telemetry.event("auditsUnsupported", properties);
    return { ...ended, notBefore: storageTime + waitUnsupported };
  }
  telemetry.alarm("auditsRefused", properties);
  return { ...ended, notBefore: storageTime + waitRefused };
}

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
