import type { RoleInstance } from "../graph/graph.ts";
import { GraphRetryableError, isGraphError } from "../graph/graph-errors.ts";
import { findUnwatched } from "../groups/watched-groups.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import { isForged, type Row } from "../storage/table.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { measurePending } from "./measure-pending.ts";
import { rushMessage, toMessage } from "./messages.ts";
import { nominate } from "./nominate.ts";
import { noticeVanished } from "./notice-vanished.ts";
import { headRow, rows } from "./principal-rows.ts";
import { emptyHead, type Head } from "./principal-state.ts";
import { type LoadedResync, loadResync, type ResyncRecord, saveResync } from "./resync-record.ts";
import { findRushes } from "./rush.ts";
import { liveRushes, storeRush } from "./rush-store.ts";

export interface ResyncDependencies extends CoreDependencies {
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
}

/** Timer and pulse both call: whoever comes sooner than this part of the interval after the last start finds nothing to do. */
const soonest = 0.6;
/** Milliseconds: whoever was told that something changed does not wait for the interval, but a burst is one resync. */
const soonestTold = 1000;

/** Signals sent side by side. */
const sendersAtOnce = 16;

const nothingYet: Omit<ResyncRecord, "startedAt"> = {
  finishedAt: null,
  graphDate: null,
  listed: 0,
  nominated: 0,
  open: 0,
  openSince: null,
  held: 0,
  inReview: 0,
  exposed: 0,
  exposedUntil: null,
  watchedUsers: 0,
  known: 0,
  notBefore: null,
  error: null,
};

/**
 * Reads the whole active set and nominates the principals that need a look. Does nothing when another one has just started, or when Graph
 * asked to wait. A failure of Graph is recorded, not thrown: the next one comes in seconds.
 * @param told Graph has told of a change: only one that began within the last second stands in for it
 */
export async function resync(dependencies: ResyncDependencies, told = false): Promise<void> {
  const { state, policy, resyncEvery } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadResync(state);
  if (!isDue(loaded, told ? soonestTold : soonest * resyncEvery)) return;
  const started: ResyncRecord = {
    ...(loaded.record ?? nothingYet),
    startedAt: loaded.storageTime,
  };
  try {
    const etag = await saveResync(state, loaded.etag, started);
    const finished = await readAndNominate(loaded.record, started, dependencies);
    await saveResync(state, etag, finished);
  } catch (error) {
    // Another instance was first, or has taken over from us: its result counts.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

function isDue({ record, storageTime }: LoadedResync, apart: number): boolean {
  if (record === null) return true;
  if (record.notBefore !== null && storageTime < record.notBefore) return false;
  return storageTime - record.startedAt >= apart;
}

async function readAndNominate(
  before: ResyncRecord | null,
  started: ResyncRecord,
  dependencies: ResyncDependencies,
): Promise<ResyncRecord> {
  const { graph, graphClock, clock, telemetry } = dependencies;
  const startedAt = clock.monotonic();
  const storageNow = () => started.startedAt + clock.monotonic() - startedAt;
  try {
    const list = await graph.listRoleInstances();
    graphClock.observe(list);
    const [place] = list.unreadable ?? [];
    if (place !== undefined) telemetry.alarm("listRowsUnreadable", { place, rows: list.unreadable?.length ?? 0 });
    const heads = await readHeads(dependencies);
    await announceRushes(heads, list.date, dependencies).catch(raiseUnreadableRush(dependencies));
    const { missing, known: remembered } = await noticeVanished(before, heads, dependencies);
    const unwatched = await findUnwatched(heads, dependencies);
    const nominated = await sendNominations(list.value, [...unwatched, ...missing], heads, storageNow(), dependencies);
    const known = [...heads.values()].filter((head) => head !== null);
    const exposed = known.flatMap(({ exposedUntil = 0 }) => (exposedUntil > list.date ? [exposedUntil] : []));
    const openSince = known.flatMap((head) => head.openSince ?? []);
    const counts = {
      listed: list.value.length,
      nominated,
      open: openSince.length,
      held: known.filter(({ held }) => held !== undefined).length,
      inReview: known.filter(({ inReview }) => inReview !== undefined).length,
      exposed: exposed.length,
      watchedUsers: known.filter(
        ({ kind, listed }) => (kind === "user" || kind === "externalUser") && listed.length > 0,
      ).length,
    };
    measurePending(dependencies, known, list.date);
    telemetry.measure("sourceHealthy", 1, { source: "resync" });
    telemetry.event("resynced", { ...counts, milliseconds: Math.round(clock.monotonic() - startedAt) });
    return {
      ...started,
      ...counts,
      exposedUntil: exposed.length === 0 ? null : exposed.reduce((a, b) => Math.max(a, b)),
      openSince: openSince.length === 0 ? null : openSince.reduce((a, b) => Math.min(a, b)),
      finishedAt: storageNow(),
      graphDate: list.date,
      known: remembered,
      notBefore: null,
      error: null,
    };
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { code, status = null, requestId = null, message } = error;
    const wait = error instanceof GraphRetryableError ? (error.retryAfter ?? 0) : 0;
    telemetry.measure("sourceHealthy", 0, { source: "resync" });
    if (error instanceof GraphRetryableError) telemetry.event("resyncFailed", { code, status, requestId });
    else telemetry.alarm("resyncRefused", { code, status, requestId, message });
    return { ...started, notBefore: wait > 0 ? storageNow() + wait : null, error: code };
  }
}

interface KnownHead extends Omit<Head, "unreadable"> {
  /** Its seal does not hold: whoever looks at the principal next writes it anew. */
  readonly isForged?: true;
}

/**
 * The heads of all principals. One that this version cannot read is raised and left alone: nothing may follow from it. One whose seal does
 * not hold counts as empty.
 */
export async function readHeads({
  principals,
  telemetry,
}: Pick<CoreDependencies, "principals" | "telemetry">): Promise<ReadonlyMap<string, KnownHead | null>> {
  const heads = new Map<string, KnownHead | null>();
  for await (const row of principals.scan(headRow)) {
    try {
      heads.set(row.partition, readHead(row));
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      heads.set(row.partition, null);
      telemetry.alarm("rowUnreadable", { principalId: row.partition, row: row.row, code: error.code });
    }
  }
  return heads;
}

function readHead(row: Row): KnownHead {
  if (isForged(row)) return { ...emptyHead, isForged: true };
  const { unreadable: _, attempt: __, ...head } = parseContent(row, rows.head);
  return head;
}

/** A rush is announced by the resyncs before it: each sees further ahead than the next one is away. */
async function announceRushes(
  heads: ReadonlyMap<string, KnownHead | null>,
  date: number,
  { state, signals, timings, resyncEvery }: ResyncDependencies,
): Promise<void> {
  for (const rush of findRushes(heads, date, date + 3 * resyncEvery + timings.rushLead)) {
    const isNew = await storeRush(state, rush);
    if (isNew) await signals.send(rushMessage(rush.second), rush.second - date - timings.rushLead);
  }
}

async function sendNominations(
  instances: readonly RoleInstance[],
  unwatched: readonly string[],
  heads: ReadonlyMap<string, KnownHead | null>,
  storageNow: number,
  dependencies: ResyncDependencies,
): Promise<number> {
  const { signals, timings } = dependencies;
  const inRush = await principalsInRush(dependencies);
  const nominees = new Set([...nominate(instances, heads, storageNow, timings), ...unwatched]);
  const nominated = [...nominees].filter((principalId) => !inRush.has(principalId));
  for (let from = 0; from < nominated.length; from += sendersAtOnce) {
    const batch = nominated.slice(from, from + sendersAtOnce);
    await Promise.all(
      batch.map((principalId) => signals.send(toMessage({ principalId, because: "resync", tries: 0 }), 0)),
    );
  }
  return nominated.length;
}

/** They need no nomination. A rush that this version cannot read saves nothing, and everybody is looked at. */
async function principalsInRush(dependencies: ResyncDependencies): Promise<ReadonlySet<string>> {
  const { state, graphClock } = dependencies;
  try {
    const rushes = await liveRushes(state, graphClock.now());
    return new Set(rushes.flatMap(({ principals }) => principals));
  } catch (error) {
    raiseUnreadableRush(dependencies)(error);
    return new Set();
  }
}

/** A rush only saves reads: one that this version cannot read is raised, and everything goes on without. */
function raiseUnreadableRush({ telemetry }: ResyncDependencies): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { partition: "rush", row: error.row, code: error.code });
  };
}
