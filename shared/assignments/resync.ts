import type { RoleInstance } from "../graph/graph.ts";
import { GraphRetryableError, isGraphError } from "../graph/graph-errors.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { nominate } from "./nominate.ts";
import { headRow, headSchema } from "./principal-rows.ts";
import type { Head } from "./principal-state.ts";
import { type LoadedResync, loadResync, type ResyncRecord, saveResync } from "./resync-record.ts";
import { toMessage } from "./signal.ts";

export interface ResyncDependencies extends CoreDependencies {
  /** State of the app that is not a principal's. */
  readonly state: Table;
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
}

/** Timer and pulse both call: whoever comes sooner than this part of the interval after the last start finds nothing to do. */
const soonest = 0.6;

/** Signals sent side by side. */
const sendersAtOnce = 16;

const nothingYet: Omit<ResyncRecord, "startedAt"> = {
  finishedAt: null,
  graphDate: null,
  listed: 0,
  nominated: 0,
  open: 0,
  openSince: null,
  notBefore: null,
  error: null,
};

/**
 * Reads the whole active set and nominates the principals that need a look. Does nothing when another one has just started, or when Graph
 * asked to wait. A failure of Graph is recorded, not thrown: the next one comes in seconds.
 */
export async function resync(dependencies: ResyncDependencies): Promise<void> {
  const { state, policy, resyncEvery } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadResync(state);
  if (!isDue(loaded, resyncEvery)) return;
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

function isDue({ record, storageTime }: LoadedResync, resyncEvery: number): boolean {
  if (record === null) return true;
  if (record.notBefore !== null && storageTime < record.notBefore) return false;
  return storageTime - record.startedAt >= soonest * resyncEvery;
}

async function readAndNominate(started: ResyncRecord, dependencies: ResyncDependencies): Promise<ResyncRecord> {
  const { graph, graphClock, clock, telemetry } = dependencies;
  const startedAt = clock.monotonic();
  const storageNow = () => started.startedAt + clock.monotonic() - startedAt;
  try {
    const list = await graph.listRoleInstances();
    graphClock.observe(list);
    const heads = await readHeads(dependencies);
    const nominated = await sendNominations(list.value, heads, storageNow(), dependencies);
    const openSince = [...heads.values()].flatMap((head) => head?.openSince ?? []);
    const counts = { listed: list.value.length, nominated, open: openSince.length };
    telemetry.event("resynced", { ...counts, milliseconds: Math.round(clock.monotonic() - startedAt) });
    return {
      ...started,
      ...counts,
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
    if (error instanceof GraphRetryableError) telemetry.event("resyncFailed", { code, status, requestId });
    else telemetry.alarm("resyncRefused", { code, status, requestId, message });
    return { ...started, notBefore: wait > 0 ? storageNow() + wait : null, error: code };
  }
}

type KnownHead = Pick<Head, "listed" | "wakeAt" | "openSince">;

/** The heads of all principals. One that this version cannot read is raised and left alone: nothing may follow from it. */
async function readHeads({
  principals,
  telemetry,
}: ResyncDependencies): Promise<ReadonlyMap<string, KnownHead | null>> {
  const heads = new Map<string, KnownHead | null>();
  for await (const row of principals.scan(headRow)) {
    try {
      const { listed, wakeAt, openSince } = parseContent(row, headSchema);
      heads.set(row.partition, { listed, wakeAt, openSince });
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      heads.set(row.partition, null);
      telemetry.alarm("rowUnreadable", { principalId: row.partition, row: row.row, code: error.code });
    }
  }
  return heads;
}

async function sendNominations(
  instances: readonly RoleInstance[],
  heads: ReadonlyMap<string, KnownHead | null>,
  storageNow: number,
  { signals, timings }: ResyncDependencies,
): Promise<number> {
  const nominated = nominate(instances, heads, storageNow, timings);
  for (let from = 0; from < nominated.length; from += sendersAtOnce) {
    const batch = nominated.slice(from, from + sendersAtOnce);
    await Promise.all(
      batch.map((principalId) => signals.send(toMessage({ principalId, because: "resync", tries: 0 }), 0)),
    );
  }
  return nominated.length;
}
