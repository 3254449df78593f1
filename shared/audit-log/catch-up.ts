import { minute } from "../base/clock.ts";
import { AUDITS_UNSUPPORTED, type AuditRow } from "../graph/directory-audits.ts";
import { failureOf, type GraphError, GraphRetryableError, isGraphError, isLicenceMissing } from "../graph/errors.ts";
import type { Dated } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { SourceHealth } from "../notifications/source-health.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";
import type { ReadAudits } from "./corroborate.ts";
import { parseAuditRows } from "./parse.ts";
import type { AuditRecord } from "./record.ts";
import { type CatchUpRecord, type LoadedCatchUp, loadCatchUp, saveCatchUp } from "./shared-state.ts";
import { loadStream } from "./stream.ts";
import { type AuditMemory, noteElevations, takeIn } from "./take-in.ts";

/** Milliseconds that each reading reads again, since rows come late and out of order. Microsoft's last published figure: 99 % within 5 minutes. */
export const overlap = 10 * minute;
/** Milliseconds of the log read in one go after an outage; longer than the overlap, so that readings get ahead. */
const slice = 60 * minute;
/** Entra keeps rows for 30 days and refuses a query for older ones (Entra docs: reference-reports-data-retention). Milliseconds. */
export const retention = 30 * 24 * 60 * minute - 5 * minute;
/** After so many milliseconds an invocation begins no further slice: its time-out is two minutes (`host.json`). */
const invocation = 45_000;
/** Length of the lease, milliseconds: longer than any invocation. If its holder dies, another instance goes on after that. */
const busyFor = 2.5 * minute;
/** Milliseconds: three intervals of the timer. */
const late = 1.5 * minute;
/** Milliseconds until the next try: a missing audit log will hardly appear within a minute, and a refusal needs an administrator. */
const waitUnsupported = 60 * minute;
const waitRefused = 5 * minute;

export interface CatchUpDependencies extends CoreDependencies {
  readonly readAudits: ReadAudits;
  /** The rows that this process has taken in. */
  readonly memory: AuditMemory;
}

/**
 * Reads Graph's audit log from where the last reading of any instance ended, and takes in the ends that it reports. Does nothing while
 * another instance reads. A failure of Graph is recorded, not thrown: the next reading goes on from there.
 * @throws the errors of storage: rows that were not taken in are read again.
 */
export async function catchUp(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy, memory, telemetry } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadCatchUp(state);
  const { record, storageTime } = loaded;
  if (Math.max(record.busyUntil ?? 0, record.notBefore ?? 0) > storageTime) return;
  // Only the first run sets the time from which on ends count. Where this process remembers an earlier one, somebody deleted the record.
  const from = memory.earliest(record.from);
  const isLost = from !== record.from;
  try {
    const begun = await saveCatchUp(state, {
      ...loaded,
      record: {
        ...record,
        ...(isLost ? { from, readTo: null } : {}),
        busyUntil: storageTime + busyFor,
        notBefore: null,
      },
    });
    if (isLost) telemetry.alarm("rowsVanished", { partition: "audit" });
    await readOn(begun, dependencies);
  } catch (error) {
    // Another instance was first, or has taken over from us: its reading counts.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** Catches up if no reading has finished lately: on Flex Consumption, timers have been seen to stop for good while other triggers went on. */
export async function catchUpIfLate(dependencies: CatchUpDependencies): Promise<void> {
  const { record, storageTime } = await loadCatchUp(dependencies.state);
  const isOld = record.finishedAt === null || storageTime - record.finishedAt > late;
  if (isOld || dependencies.memory.earliest(record.from) !== record.from) await catchUp(dependencies);
}

/** Milliseconds until the next try when another instance is reading. */
const whileBusy = 1000;

/**
 * Catches up after a notification of a new row, unless a reading has begun since `notifiedAt` (Graph's time). Resolves to the milliseconds until the
 * next try, when Graph's quota for reports or another instance prevents a reading now; null otherwise. @throws the errors of storage
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
  // After a refusal, or where Graph offers no audit log, the timer tries again.
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
    dependencies.memory.earliest(from);
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

/** Where the next reading begins, Graph's time. After more than 30 days without a reading there is a gap that cannot be filled. */
function sinceOf({ readTo }: CatchUpRecord, now: number, { telemetry }: CatchUpDependencies): number {
  if (readTo === null) return now - overlap;
  const oldest = now - retention;
  if (readTo < oldest) {
    const gap = { from: new Date(readTo).toISOString(), to: new Date(oldest).toISOString() };
    telemetry.alarm("auditGap", gap);
  }
  return Math.max(readTo - overlap, oldest);
}

/** Resolves to the time of the newest row, epoch milliseconds; 0 when there is none. */
async function takeRowsIn(
  { value: rows, date }: Dated<readonly AuditRow[]>,
  from: number,
  dependencies: CatchUpDependencies,
): Promise<number> {
  const { memory, telemetry } = dependencies;
  // Each row is read again for minutes: an unreadable one raises one alarm only.
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
  const { code } = error;
  const properties = failureOf(error);
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
  if (isLicenceMissing(code) && !isLicenceMissing(record.error ?? "")) {
    // Licensed tenants are refused like this at random, so readings pause only when the next one is refused as well.
    telemetry.event("auditsUnread", properties);
    return { ...ended, notBefore: null };
  }
  telemetry.alarm("auditsRefused", properties);
  return { ...ended, notBefore: storageTime + waitRefused };
}

/** Milliseconds without a finished reading after which the source is failing; a reading is due every half minute. */
const tooLong = 5 * 60_000;

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/** The health of reading Graph's audit log. Only a row proves it: a reading without rows may mean a quiet tenant. @throws the errors of storage */
export async function catchUpHealth(state: Table): Promise<SourceHealth> {
  const { record, storageTime } = await loadCatchUp(state);
  const { error, finishedAt, newestRow, busyUntil } = record;
  const lastAt = iso(newestRow);
  if (error === AUDITS_UNSUPPORTED) return { state: "unsupported", lastAt, detail: error };
  // After an outage one reading takes several invocations, and that is no failure.
  const isReading = error === null && busyUntil !== null && busyUntil > storageTime;
  const isOld = finishedAt === null ? error !== null : storageTime - finishedAt > tooLong;
  if (isOld && !isReading) return { state: "failing", lastAt, detail: error ?? "notReadLately" };
  return { state: newestRow === null ? "unproven" : "proven", lastAt, detail: error };
}

/** The health of the event hub, proven by any record. Silence proves nothing: the tenant may be quiet. @throws the errors of storage */
export async function streamHealth(state: Table): Promise<SourceHealth> {
  const stream = await loadStream(state);
  if (stream === null) return { state: "unproven", lastAt: null, detail: null };
  return { state: "proven", lastAt: iso(stream.lastAt), detail: stream.broken ? "recordsUnreadable" : null };
}
