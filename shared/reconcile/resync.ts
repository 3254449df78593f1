import type { Timings } from "../detection/timings.ts";
import { GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import type { Head } from "../model/principal.ts";
import { isOwn, listedRows } from "../model/privilege.ts";
import { StorageConflictError, StorageRowError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { type KnownHead, measurePending, readHeads } from "./heads.ts";
import { findRushes, liveRushes, storeRush } from "./mass-expiry-store.ts";
import { rushMessage, toMessage } from "./messages.ts";
import { type LoadedResync, loadResync, type ResyncRecord, saveResync } from "./resync-record.ts";
import { isWakeLate } from "./wake-up.ts";
import { findUnwatched } from "./watched-groups.ts";

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
    const finished = await readAndNominate(started, dependencies);
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

async function readAndNominate(started: ResyncRecord, dependencies: ResyncDependencies): Promise<ResyncRecord> {
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
    const unwatched = await findUnwatched(heads, dependencies);
    const nominated = await sendNominations(list.value, unwatched, heads, storageNow(), dependencies);
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
      watchedUsers: known.filter(({ kind, listed }) => kind === "user" && listed.length > 0).length,
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

interface NominatingHead extends Pick<Head, "listed" | "wakeAt"> {
  readonly isForged?: true;
}

/**
 * Which principals to look at after a read of the whole list: those of whom it shows something other than when they were last looked at, and
 * those whose wake-up is late, and those whose head was forged: they are watched anew. A head that could not be read (null) is left alone.
 * The list only nominates; it never proves an end, since its pages shift and its replicas lag.
 */
export function nominate(
  instances: readonly RoleInstance[],
  heads: ReadonlyMap<string, NominatingHead | null>,
  storageNow: number,
  timings: Timings,
): readonly string[] {
  const byPrincipal = Map.groupBy(instances.filter(isOwn), ({ principalId }) => principalId);
  const nominated = new Set<string>();
  for (const [principalId, rows] of byPrincipal) {
    const head = heads.get(principalId);
    if (head !== null && !isSame(listedRows(rows), head?.listed ?? [])) nominated.add(principalId);
  }
  for (const [principalId, head] of heads) {
    if (head === null) continue;
    const { listed, wakeAt, isForged = false } = head;
    // Whoever forges rows can name partitions after anything; only object ids are looked at.
    if (isForged && isGuid(principalId) && principalId === principalId.toLowerCase()) nominated.add(principalId);
    if (listed.length > 0 && !byPrincipal.has(principalId)) nominated.add(principalId);
    if (isWakeLate(wakeAt, storageNow, timings)) nominated.add(principalId);
  }
  return [...nominated];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((row, index) => row === b[index]);

/**
 * Runs what follows a resync, one step after the other. A row that this version cannot read holds up only the step that needs it: that is raised, the row
 * is left as it is, and the other steps are run.
 * @throws every other error of a step
 */
export async function runUpkeep(
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
