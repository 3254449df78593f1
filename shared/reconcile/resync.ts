import type { GraphTime, StorageTime } from "../base/clock.ts";
import { sideBySide } from "../base/side-by-side.ts";
import type { Timings } from "../detection/cadences.ts";
import { GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import { isOwn, listedRows } from "../model/holding.ts";
import { isFirst, StorageRowError, whereReadable } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { findUnwatched, isStillNamed, readHeads } from "./heads.ts";
import { type HeadMemory, noticeVanished, type SeenHead, type SeenHeads } from "./known-heads.ts";
import { findMassExpiries, openMassExpiries, storeMassExpiry } from "./mass-expiry-store.ts";
import { massExpiryMessage, toMessage } from "./messages.ts";
import { countHeads, loadResync, nothingYet, type ResyncRecord, saveResync } from "./resync-record.ts";
import { isWakeLate } from "./wake-up.ts";

export interface ResyncDependencies extends CoreDependencies {
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
  /** What this process remembers of the last resync's heads. */
  readonly headMemory?: HeadMemory;
}

/** Timer and heartbeat both start resyncs. One that comes sooner than this part of the interval after the last start does nothing. */
const soonest = 0.6;
/** The same after a notification, in milliseconds: it does not wait for the interval, but a burst of notifications is one resync. */
const soonestHinted = 1000;

/**
 * Reads PIM's tenant-wide list and enqueues the principals that have changed. Does nothing when Graph asked to wait. A failure of Graph is recorded, not
 * thrown: the next resync comes in seconds. Resolves to false when another instance has just started one, and so does what follows a resync as well;
 * `isHinted`: a notification reported a change, so only one that began within the last second counts. @throws the errors of storage
 */
export async function resync(dependencies: ResyncDependencies, isHinted = false): Promise<boolean> {
  const { state, policy, resyncEvery } = dependencies;
  if (policy.mode === "off") return true;
  const { record, etag, storageTime } = await loadResync(state);
  const apart = isHinted ? soonestHinted : soonest * resyncEvery;
  if (record !== null && record.notBefore !== null && storageTime < record.notBefore) return true;
  if (record !== null && storageTime - record.startedAt < apart) return false;
  const started = { ...(record ?? nothingYet), startedAt: storageTime };
  const run = async () => {
    const startedEtag = await saveResync(state, etag, started);
    await saveResync(state, startedEtag, await readAndEnqueue(record, started, dependencies));
  };
  // If another instance was first, or has taken over from us, its result counts.
  return isFirst(run());
}

async function readAndEnqueue(before: ResyncRecord | null, started: ResyncRecord, dependencies: ResyncDependencies) {
  const { graph, graphClock, clock, telemetry } = dependencies;
  const startedAt = clock.monotonic();
  const storageNow = () => started.startedAt + clock.monotonic() - startedAt;
  try {
    const list = await graph.listRoleInstances();
    graphClock.observe(list);
    const { value, date, unreadable = [] } = list;
    const [place] = unreadable;
    if (place !== undefined) telemetry.alarm("listRowsUnreadable", { place, rows: unreadable.length });
    const heads = await readHeads(dependencies);
    await whereReadable(massExpiryRows, telemetry, () => announceMassExpiries(heads, date, dependencies));
    const { missing, known } = await noticeVanished(before, heads, dependencies, dependencies.headMemory);
    const unwatched = await findUnwatched(heads, dependencies);
    const changed = findChanged(value, heads, { storage: storageNow(), graph: date }, dependencies.timings);
    const enqueued = await enqueue(new Set([...changed, ...unwatched, ...missing]), dependencies);
    const readable = [...heads.values()].filter((head) => head !== null);
    const counts = { listed: value.length, enqueued, ...countHeads(readable, date, telemetry) };
    const { openSince: _, exposedUntil: __, ...numbers } = counts;
    telemetry.measure("sourceHealthy", 1, { source: "resync" });
    telemetry.event("resynced", { ...numbers, milliseconds: Math.round(clock.monotonic() - startedAt) });
    return { ...started, ...counts, finishedAt: storageNow(), graphDate: date, known, notBefore: null, error: null };
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

/** A mass expiry only saves reads: one that this version cannot read raises an alarm, and the resync goes on without it. */
const massExpiryRows = { partition: "massExpiry" };

/** Stores coming mass expiries. Each resync looks three intervals ahead, so a later one finds what a failed one missed. */
async function announceMassExpiries(heads: SeenHeads, date: GraphTime, dependencies: ResyncDependencies) {
  const { state, signals, timings, resyncEvery } = dependencies;
  for (const massExpiry of findMassExpiries(heads, date, date + 3 * resyncEvery + timings.massExpiryLead)) {
    const { second } = massExpiry;
    if (!(await storeMassExpiry(state, massExpiry))) continue;
    await signals.send(massExpiryMessage(second), second - date - timings.massExpiryLead);
  }
}

/** Sends a signal for each of these principals that no mass expiry covers. Resolves to their number. */
async function enqueue(changed: ReadonlySet<string>, dependencies: ResyncDependencies) {
  const { state, signals, graphClock, telemetry } = dependencies;
  const open = await whereReadable(massExpiryRows, telemetry, () => openMassExpiries(state, graphClock.now()));
  const covered = new Set(open?.flatMap(({ principals }) => principals));
  const enqueued = [...changed].filter((principalId) => !covered.has(principalId));
  await sideBySide(enqueued, (principalId) => signals.send(toMessage({ principalId, because: "resync", tries: 0 }), 0));
  return enqueued.length;
}

/**
 * Which principals need a pass after a read of the whole list: those whose rows differ from what their last pass saw (see `isStillNamed`), those whose wake-up
 * is late, and those whose head was forged and must be written anew. A head that could not be read (null) is left alone.
 * The list only enqueues; it never proves an end, since its pages shift and its replicas lag. Pure.
 */
export function findChanged(
  instances: readonly RoleInstance[],
  heads: ReadonlyMap<string, Pick<SeenHead, "kind" | "listed" | "wakeAt" | "missing" | "isForged"> | null>,
  now: { readonly storage: StorageTime; readonly graph: GraphTime },
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
 * Runs the steps that follow a resync, one after the other. A row that this version cannot read raises an alarm and stops only the step that needs it.
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
