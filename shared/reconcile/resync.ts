import type { GraphTime, StorageTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import { isOwn, listedRows } from "../model/holding.ts";
import type { Head } from "../model/principal.ts";
import { StorageConflictError, StorageRowError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { findUnwatched, isStillNamed, type KnownHead, readHeads } from "./heads.ts";
import { noticeVanished } from "./known-heads.ts";
import { findMassExpiries, openMassExpiries, storeMassExpiry } from "./mass-expiry-store.ts";
import { massExpiryMessage, toMessage } from "./messages.ts";
import { type HeadMemory, loadResync, measurePending, type ResyncRecord, saveResync } from "./resync-record.ts";
import { isWakeLate } from "./wake-up.ts";

export interface ResyncDependencies extends CoreDependencies {
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
  /** What this process remembers of the last resync's heads. */
  readonly headMemory?: HeadMemory;
}

/** Timer and heartbeat both start resyncs. One that comes sooner than this part of the interval after the last start does nothing. */
const soonest = 0.6;
/** Milliseconds. A notification of a change does not wait for the interval, but a burst of notifications is one resync. */
const soonestHinted = 1000;

/** Signals sent side by side. */
const sendersAtOnce = 16;

const nothingYet: Omit<ResyncRecord, "startedAt"> = {
  finishedAt: null,
  graphDate: null,
  listed: 0,
  enqueued: 0,
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
 * Reads PIM's tenant-wide list and enqueues the principals that have changed. Does nothing when another resync has just started, or when
 * Graph asked to wait. A failure of Graph is recorded, not thrown: the next resync comes in seconds. Resolves to false when another instance has just started
 * one, and so does what follows a resync as well. @throws the errors of storage
 * @param isHinted a notification reported a change: only a resync that began within the last second stands in for this one
 */
export async function resync(dependencies: ResyncDependencies, isHinted = false): Promise<boolean> {
  const { state, policy, resyncEvery } = dependencies;
  if (policy.mode === "off") return true;
  const loaded = await loadResync(state);
  const { record, storageTime } = loaded;
  const apart = isHinted ? soonestHinted : soonest * resyncEvery;
  if (record !== null && record.notBefore !== null && storageTime < record.notBefore) return true;
  if (record !== null && storageTime - record.startedAt < apart) return false;
  const started: ResyncRecord = {
    ...(record ?? nothingYet),
    startedAt: storageTime,
  };
  try {
    const etag = await saveResync(state, loaded.etag, started);
    const finished = await readAndEnqueue(record, started, dependencies);
    await saveResync(state, etag, finished);
    return true;
  } catch (error) {
    // Another instance was first, or has taken over from us: its result counts.
    if (!(error instanceof StorageConflictError)) throw error;
    return false;
  }
}

async function readAndEnqueue(
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
    await announceMassExpiries(heads, list.date, dependencies).catch(raiseUnreadableMassExpiry(dependencies));
    const { missing, known: remembered } = await noticeVanished(before, heads, dependencies, dependencies.headMemory);
    const unwatched = await findUnwatched(heads, dependencies);
    const now = { storage: storageNow(), graph: list.date };
    const enqueued = await enqueueChanged(list.value, [...unwatched, ...missing], heads, now, dependencies);
    const known = [...heads.values()].filter((head) => head !== null);
    const exposed = known.flatMap(({ exposedUntil = 0 }) => (exposedUntil > list.date ? [exposedUntil] : []));
    const openSince = known.flatMap((head) => head.openSince ?? []);
    const counts = {
      listed: list.value.length,
      enqueued,
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

/** Stores coming mass expiries. Each resync looks three intervals ahead, so a later one finds what a failed one missed. */
async function announceMassExpiries(
  heads: ReadonlyMap<string, KnownHead | null>,
  date: number,
  { state, signals, timings, resyncEvery }: ResyncDependencies,
): Promise<void> {
  for (const massExpiry of findMassExpiries(heads, date, date + 3 * resyncEvery + timings.massExpiryLead)) {
    const isNew = await storeMassExpiry(state, massExpiry);
    if (isNew)
      await signals.send(massExpiryMessage(massExpiry.second), massExpiry.second - date - timings.massExpiryLead);
  }
}

async function enqueueChanged(
  instances: readonly RoleInstance[],
  unwatched: readonly string[],
  heads: ReadonlyMap<string, KnownHead | null>,
  now: Now,
  dependencies: ResyncDependencies,
): Promise<number> {
  const { signals, timings } = dependencies;
  const inMassExpiry = await principalsInMassExpiry(dependencies);
  const changed = new Set([...findChanged(instances, heads, now, timings), ...unwatched]);
  const enqueued = [...changed].filter((principalId) => !inMassExpiry.has(principalId));
  for (let from = 0; from < enqueued.length; from += sendersAtOnce) {
    const batch = enqueued.slice(from, from + sendersAtOnce);
    await Promise.all(
      batch.map((principalId) => signals.send(toMessage({ principalId, because: "resync", tries: 0 }), 0)),
    );
  }
  return enqueued.length;
}

/** Principals that are not enqueued, since a mass expiry covers them. When a mass expiry cannot be read, every changed principal is enqueued. */
async function principalsInMassExpiry(dependencies: ResyncDependencies): Promise<ReadonlySet<string>> {
  const { state, graphClock } = dependencies;
  try {
    const massExpiries = await openMassExpiries(state, graphClock.now());
    return new Set(massExpiries.flatMap(({ principals }) => principals));
  } catch (error) {
    raiseUnreadableMassExpiry(dependencies)(error);
    return new Set();
  }
}

/** A mass expiry only saves reads: one that this version cannot read raises an alarm, and the resync goes on without it. */
function raiseUnreadableMassExpiry({ telemetry }: ResyncDependencies): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { partition: "massExpiry", row: error.row, code: error.code });
  };
}

interface ComparedHead extends Pick<Head, "kind" | "listed" | "wakeAt" | "missing"> {
  readonly isForged?: true;
}

interface Now {
  readonly storage: StorageTime;
  /** The list's. */
  readonly graph: GraphTime;
}

/**
 * Which principals need a pass after a read of the whole list: those whose rows differ from what their last pass saw (see `isStillNamed`), those whose wake-up
 * is late, and those whose head was forged and must be written anew. A head that could not be read (null) is left alone.
 * The list only enqueues; it never proves an end, since its pages shift and its replicas lag. Pure.
 */
export function findChanged(
  instances: readonly RoleInstance[],
  heads: ReadonlyMap<string, ComparedHead | null>,
  now: Now,
  timings: Timings,
): readonly string[] {
  const byPrincipal = Map.groupBy(instances.filter(isOwn), ({ principalId }) => principalId);
  const enqueued = new Set<string>();
  for (const [principalId, rows] of byPrincipal) {
    const head = heads.get(principalId);
    if (head === null || isSame(listedRows(rows), head?.listed ?? [])) continue;
    if (head === undefined || !isStillNamed(rows, head, now.graph, timings)) enqueued.add(principalId);
  }
  for (const [principalId, head] of heads) {
    if (head === null) continue;
    const { listed, wakeAt, isForged = false } = head;
    // A forged row can have any partition name; only object ids get a pass.
    if (isForged && isGuid(principalId) && principalId === principalId.toLowerCase()) enqueued.add(principalId);
    if (listed.length > 0 && !byPrincipal.has(principalId)) enqueued.add(principalId);
    if (isWakeLate(wakeAt, now.storage, timings)) enqueued.add(principalId);
  }
  return [...enqueued];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((row, index) => row === b[index]);

/**
 * Runs the steps that follow a resync, one after the other. A row that this version cannot read stops only the step that needs it: an alarm is raised,
 * the row is left as it is, and the other steps run.
 * @throws every other error of a step
 */
export async function runMaintenance(
  steps: Readonly<Record<string, () => Promise<unknown>>>,
  telemetry: Pick<Telemetry, "alarm">,
): Promise<void> {
  for (const [place, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      telemetry.alarm("rowUnreadable", { place, row: error.row, code: error.code, message: error.message });
    }
  }
}
