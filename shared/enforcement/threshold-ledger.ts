import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { isForged, parseContent, putRow, StorageConflictError, type Table, unforged } from "../storage/table.ts";

/** Counted apart: planned ends come in hundreds when a shift is over; hundreds of unplanned ends mean that something is wrong. */
const thresholdKinds = ["planned", "unplanned"] as const;
export type ThresholdKind = (typeof thresholdKinds)[number];

const partition = "threshold";
const schema = z.object({
  schema: z.literal(1),
  /** Object id and storage's time, in the order of asking; short pairs, since the row may hold thousands. */
  users: z.array(z.tuple([z.string(), z.number()])),
  raisedAt: z.number().nullable(),
});

export interface LedgerOptions {
  readonly state: Table;
  readonly clock: Pick<Clock, "monotonic">;
  /** How many distinct users may be admitted, given that this many ask. */
  readonly limit: (asking: number) => Promise<number>;
  /** Milliseconds in which they are counted. */
  readonly span: number;
  readonly raise: (counts: ThresholdCounts) => void;
  /** Called with the counts after every admission. */
  readonly measure: (counts: ThresholdCounts) => void;
}

interface ThresholdCounts {
  readonly users: number;
  readonly allowed: number;
}

/** One count for all instances. */
export interface ThresholdLedger {
  /**
   * Whether this user is among the first users, up to the limit, who may be revoked. The answer is stored before it is given.
   * @throws StorageConflictError when other instances committed first `tries` times; StorageUnavailableError when storage did not answer.
   */
  admits(principalId: string): Promise<boolean>;
}

interface Loaded {
  /** Null when the stored count is forged: then it counts as full. */
  readonly window: ThresholdWindow | null;
  readonly etag: string | null;
  /** Storage's time now, estimated from its last answer. */
  readonly now: () => number;
}

/** How often to start over when other instances commit in between. */
const tries = 20;

/**
 * The whole count is one row and every change is conditional on its etag, so it is exact over any number of instances. Each process remembers the row, and
 * callers that ask while a write is under way share the next one: a thousand users cost far less than a thousand reads and writes.
 */
export function createThresholdLedger(kind: ThresholdKind, options: LedgerOptions): ThresholdLedger {
  const { state, clock, limit, span, raise, measure } = options;
  let known: Loaded | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let batch: { readonly ids: Set<string>; readonly admitted: Promise<ReadonlySet<string>> } | null = null;

  const timeFrom = (storageTime: number) => {
    const at = clock.monotonic();
    return () => storageTime + clock.monotonic() - at;
  };

  async function load(): Promise<Loaded> {
    const { value, storageTime } = await state.get(partition, kind);
    const now = timeFrom(storageTime);
    if (value === undefined) return { window: emptyWindow, etag: null, now };
    return { window: isForged(value) ? null : toWindow(parseContent(value, schema)), etag: value.etag, now };
  }

  async function save({ etag }: Loaded, window: ThresholdWindow): Promise<Loaded> {
    const content = { schema: 1, users: window.users.map(({ id, at }) => [id, at]), raisedAt: window.raisedAt };
    const put = putRow(kind, content, etag);
    const { value, storageTime } = await state.commit(partition, [put]);
    return { window, etag: value.get(kind) ?? null, now: timeFrom(storageTime) };
  }

  async function tryAll(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const loaded = known ?? (await load());
    // Forgotten while the write is under way: if it fails, the stored count is unknown.
    known = null;
    const allowed = await limit((loaded.window?.users.length ?? 0) + ids.size);
    const window = loaded.window ?? fullWindow(allowed, loaded.now());
    const admission: Admission = admit(window, ids, loaded.now(), allowed, span);
    known = await save(loaded, admission.window);
    const counts = { users: admission.window.users.length, allowed };
    measure(counts);
    if (admission.raise) raise(counts);
    return admission.admitted;
  }

  async function admitAll(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    for (let left = tries; ; left -= 1) {
      try {
        return await tryAll(ids);
      } catch (error) {
        if (!(error instanceof StorageConflictError) || left <= 1) throw error;
      }
    }
  }

  function join() {
    if (batch !== null) return batch;
    const ids = new Set<string>();
    const admitted = last.then(() => {
      batch = null;
      return admitAll(ids);
    });
    // Every caller in the batch gets its failure; the next batch only waits for its end.
    last = admitted.catch(() => undefined);
    batch = { ids, admitted };
    return batch;
  }

  return {
    async admits(principalId) {
      const { ids, admitted } = join();
      ids.add(principalId);
      return (await admitted).has(principalId);
    },
  };
}

const toWindow = ({ users, raisedAt }: Omit<z.infer<typeof schema>, "schema">): ThresholdWindow => ({
  users: users.map(([id, at]) => ({ id, at })),
  raisedAt,
});

/** Storage's time when each limit was last raised; null = never. */
export async function readRaised(state: Table): Promise<Readonly<Record<ThresholdKind, number | null>>> {
  const { value: rows } = await state.list(partition);
  const raisedAt = (kind: ThresholdKind) => {
    const found = unforged(rows.find(({ row }) => row === kind));
    return found === undefined ? null : parseContent(found, schema).raisedAt;
  };
  return { planned: raisedAt("planned"), unplanned: raisedAt("unplanned") };
}

/** The users for whom a revoke was asked lately, admitted or not: a burst is held for as long as it lasts. */
export interface ThresholdWindow {
  /** In the order in which they first asked; `at` is storage's time of the last time, epoch milliseconds. */
  readonly users: readonly { readonly id: string; readonly at: number }[];
  /** Storage's time when the limit was last raised; null = never. */
  readonly raisedAt: number | null;
}

export const emptyWindow: ThresholdWindow = { users: [], raisedAt: null };

/** A window that admits nobody until its span is over, since the earlier count is unknown. Pure. */
const fullWindow = (limit: number, now: number): ThresholdWindow => ({
  users: Array.from({ length: limit }, (_, index) => ({ id: `unknown-${index}`, at: now })),
  raisedAt: null,
});

interface Admission {
  readonly window: ThresholdWindow;
  /** The users among the first `limit` distinct ones of the last `span` milliseconds. */
  readonly admitted: ReadonlySet<string>;
  /** Whether to raise it: somebody was not admitted, for the first time in `span` milliseconds. */
  readonly raise: boolean;
}

/** Admits users up to the limit, in the order in which they ask. Asking again is free. `now`: storage's time; `span`: milliseconds. Pure. */
export function admit(
  { users, raisedAt }: ThresholdWindow,
  ids: Iterable<string>,
  now: number,
  limit: number,
  span: number,
): Admission {
  const asked = new Map(users.filter(({ at }) => now - at < span).map(({ id, at }) => [id, at]));
  const asking = new Set(ids);
  for (const id of asking) asked.set(id, now);
  const first = [...asked.keys()].slice(0, limit);
  const admitted = new Set(first.filter((id) => asking.has(id)));
  const raise = admitted.size < asking.size && (raisedAt === null || now - raisedAt >= span);
  const kept = trim([...asked], limit).map(([id, at]) => ({ id, at }));
  return { window: { users: kept, raisedAt: raise ? now : raisedAt }, admitted, raise };
}

/**
 * Keeps the first `limit` users and the `limit` users who asked last: enough to hold the next user for as long as the burst lasts. Who asked last is
 * decided by time, not by place: a user who asks again keeps their place.
 */
function trim(asked: readonly (readonly [string, number])[], limit: number): readonly (readonly [string, number])[] {
  if (asked.length <= 2 * limit) return asked;
  const newest = new Set(asked.toSorted(([, a], [, b]) => b - a).slice(0, limit));
  return asked.filter((entry, index) => index < limit || newest.has(entry));
}
