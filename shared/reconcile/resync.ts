import { z } from "zod";
import { earliest, type GraphTime, type StorageTime } from "../base/clock.ts";
import { sideBySide } from "../base/side-by-side.ts";
import type { Timings } from "../detection/cadences.ts";
import { failureOf, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import { isOwn, listedRows } from "../model/holding.ts";
import { loadRow, type Table, whereReadable } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { findUnwatched, isStillNamed, readHeads } from "./heads.ts";
import { type HeadMemory, noticeVanished, type SeenHead, type SeenHeads } from "./known-heads.ts";
import { findMassExpiries, openMassExpiries, storeMassExpiry } from "./mass-expiry-store.ts";
import { massExpiryMessage, toMessage } from "./messages.ts";

export interface ResyncDependencies extends CoreDependencies {
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
  /** What this process remembers of the last resync's heads. */
  readonly headMemory?: HeadMemory;
}

const count = z.number().default(0);
const time = z.number().nullable().default(null);

/** The state of the resync, shared by all instances; a value that an earlier version did not write is none. Times are storage's unless noted, epoch ms. */
const schema = z.object({
  schema: z.literal(1),
  startedAt: z.number(),
  /** When a resync last finished reading the whole list; null before the first. */
  finishedAt: time,
  /** Graph's time of that list. */
  graphDate: time,
  /** Principals with a pending revocation that has no outcome yet, and Graph's time when the oldest was found. */
  open: count,
  openSince: time,
  /** Principals with a pending revocation that the threshold holds. */
  held: count,
  /** Principals with a loss so old that an operator has to decide about it. */
  inReview: count,
  /** Principals whose access token without CAE may outlive a revoke, and until when at the latest, Graph's time. */
  exposed: count,
  exposedUntil: time,
  /** Users with an assignment in the list. The revocation threshold is a share of this number. */
  watchedUsers: count,
  /** How many heads are remembered (see `known-heads.ts`). */
  known: count,
  /** From `Retry-After`: the list is not read before this time. */
  notBefore: time,
  /** Error code of the last resync; null when it succeeded. */
  error: z.string().nullable().default(null),
});
export type ResyncRecord = Readonly<Omit<z.infer<typeof schema>, "schema">>;

const nothingYet: ResyncRecord = schema.parse({ schema: 1, startedAt: 0 });

/** `content` is null before the first resync. @throws StorageRowError when another version wrote the row. */
export const loadResync = (table: Table) => loadRow(table, "resync", "last", schema);

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
  const { content: before, storageTime, save } = await loadResync(state);
  const known = before ?? nothingYet;
  if (storageTime < (known.notBefore ?? 0)) return true;
  if (storageTime - known.startedAt < (isHinted ? soonestHinted : soonest * resyncEvery)) return false;
  const started = { ...known, startedAt: storageTime };
  // If another instance was first, or has taken over from us, its result counts.
  return (await save(started)) && save(await readAndEnqueue(before, started, dependencies));
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
    const { value, date, unreadable = [] } = list;
    const [place] = unreadable;
    if (place !== undefined) telemetry.alarm("listRowsUnreadable", { place, rows: unreadable.length });
    const heads = await readHeads(dependencies, dependencies.headMemory?.heads);
    await whereReadable(massExpiryRows, telemetry, () => announceMassExpiries(heads, date, dependencies));
    const { missing, known } = await noticeVanished(before, heads, dependencies, dependencies.headMemory);
    const unwatched = await findUnwatched(heads, dependencies);
    const changed = findChanged(value, heads, { storage: storageNow(), graph: date }, dependencies.timings);
    const enqueued = await enqueue(new Set([...changed, ...unwatched, ...missing]), dependencies);
    const readable = [...heads.values()].filter((head) => head !== null);
    const counts = countHeads(readable, date, telemetry);
    const milliseconds = Math.round(clock.monotonic() - startedAt);
    telemetry.measure("sourceHealthy", 1, { source: "resync" });
    telemetry.event("resynced", { listed: value.length, enqueued, ...counts, milliseconds });
    return { ...started, ...counts, finishedAt: storageNow(), graphDate: date, known, notBefore: null, error: null };
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const wait = error instanceof GraphRetryableError ? (error.retryAfter ?? 0) : 0;
    telemetry.measure("sourceHealthy", 0, { source: "resync" });
    if (error instanceof GraphRetryableError) telemetry.event("resyncFailed", failureOf(error));
    else telemetry.alarm("resyncRefused", failureOf(error));
    return { ...started, notBefore: wait > 0 ? storageNow() + wait : null, error: error.code };
  }
}

/** Upper bounds of the ages of ends without an outcome, in milliseconds. */
const ages = {
  underOneMinute: 60_000,
  underTenMinutes: 600_000,
  underOneHour: 3_600_000,
  older: Number.POSITIVE_INFINITY,
};

/** What the record counts in these heads. Measures how many principals are pending, by age, and how many are held, zeros included. `date`: Graph's time. */
function countHeads(heads: readonly SeenHead[], date: GraphTime, telemetry: Telemetry) {
  const openSince = heads.flatMap((head) => head.openSince ?? []);
  const exposedUntil = heads.flatMap((head) => head.exposedUntil ?? []).filter((until) => until > date);
  const held = heads.filter((head) => head.held !== undefined).length;
  let from = Number.NEGATIVE_INFINITY;
  for (const [age, below] of Object.entries(ages)) {
    const count = openSince.filter((since) => date - since >= from && date - since < below).length;
    telemetry.measure("pendingPrincipals", count, { age });
    from = below;
  }
  telemetry.measure("oldestPending", Math.max(0, date - (earliest(openSince) ?? date)));
  telemetry.measure("heldPrincipals", held);
  return {
    open: openSince.length,
    openSince: earliest(openSince),
    held,
    inReview: heads.filter((head) => head.inReview !== undefined).length,
    exposed: exposedUntil.length,
    exposedUntil: exposedUntil.toSorted((a, b) => b - a)[0] ?? null,
    watchedUsers: heads.filter(({ kind, listed }) => ["user", "externalUser"].includes(kind) && listed.length > 0)
      .length,
  };
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
  if (changed.size === 0) return 0;
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
  heads: SeenHeads,
  now: { readonly storage: StorageTime; readonly graph: GraphTime },
  timings: Timings,
): readonly string[] {
  const byPrincipal = Map.groupBy(instances.filter(isOwn), ({ principalId }) => principalId);
  return [...new Set([...byPrincipal.keys(), ...heads.keys()])].filter((id) => {
    const head = heads.get(id);
    if (head === undefined || head === null) return head === undefined;
    const rows = byPrincipal.get(id) ?? [];
    if (listedRows(rows).join() !== head.listed.join() && !isStillNamed(rows, head, now.graph, timings)) return true;
    if (head.wakeAt !== null && now.storage - head.wakeAt > timings.wakeLate) return true;
    // A forged row can have any partition name; only object ids get a pass.
    return head.isForged === true && isGuid(id) && id === id.toLowerCase();
  });
}

/** Runs the steps that follow a resync. A row that this version cannot read raises an alarm and stops only the step that needs it. */
export async function runMaintenance(
  steps: Readonly<Record<string, () => Promise<unknown>>>,
  telemetry: Pick<Telemetry, "alarm">,
): Promise<void> {
  for (const [place, run] of Object.entries(steps)) await whereReadable({ place }, telemetry, run);
}
