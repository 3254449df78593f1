import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { Head } from "../model/principal.ts";
import { readListedRow, roleRank } from "../model/privilege.ts";
import { parseContent } from "../storage/rows.ts";
import { isForged, type Row, StorageConflictError, type Table } from "../storage/table.ts";

/** A rush as all instances know it. */
interface StoredRush extends Rush {
  /** Who cuts it, and until when by storage's clock unless renewed. Null before somebody has begun. */
  readonly lease: { readonly holder: string; readonly until: number } | null;
  readonly done: boolean;
}

const partition = "rush";
const schema = z.object({
  schema: z.literal(1),
  second: z.number(),
  principals: z.array(z.string()),
  lease: z.object({ holder: z.string(), until: z.number() }).nullable(),
  done: z.boolean(),
});

/** Milliseconds of a lease; renewed long before. */
const leaseFor = 30_000;

/** When nobody has begun this long after the ends, the message that should begin is lost; milliseconds. */
const beginsWithin = 15_000;

/** How long a finished rush is remembered; milliseconds. */
const keptFor = 24 * 3_600_000;

const rowOf = (second: number): string => new Date(second).toISOString();

/** Stores a rush. True when it is new: then somebody must be told to begin. One that has begun is left as it is. */
export async function storeRush(table: Table, rush: Rush): Promise<boolean> {
  const row = rowOf(rush.second);
  const content = { schema: 1, ...rush, lease: null, done: false };
  try {
    await table.commit(partition, [{ type: "insert", row, content }]);
    return true;
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
  const { value } = await table.get(partition, row);
  if (value === undefined) return false;
  const known = parseContent(value, schema);
  if (known.lease !== null || known.done || known.principals.length === rush.principals.length) return false;
  await ignoreConflict(table.commit(partition, [{ type: "replace", row, content, etag: value.etag }]));
  return false;
}

/** The rushes that somebody is cutting, or is about to: their principals need no look of their own. `graphNow`: Graph's time, estimated. */
export async function liveRushes(table: Table, graphNow: number): Promise<readonly StoredRush[]> {
  const { value: rows, storageTime } = await table.list(partition);
  const old = rows.filter((row) => isForged(row) || storageTime - row.timestamp > keptFor);
  for (const { row, etag } of old) await ignoreConflict(table.commit(partition, [{ type: "delete", row, etag }]));
  return rows
    .filter((row) => !isForged(row))
    .map((row) => parseContent(row, schema))
    .filter((rush) => isLive(rush, storageTime, graphNow));
}

const isLive = ({ lease, done, second }: StoredRush, storageTime: number, graphNow: number): boolean =>
  !done && (lease === null ? graphNow < second + beginsWithin : lease.until > storageTime);

/** Takes or renews the lease. Null when it is somebody else's, or when the rush is over or unknown. */
export async function leaseRush(table: Table, second: number, holder: string): Promise<StoredRush | null> {
  const { value, storageTime } = await table.get(partition, rowOf(second));
  if (value === undefined) return null;
  const rush = parseContent(value, schema);
  const isTaken = rush.lease !== null && rush.lease.holder !== holder && rush.lease.until > storageTime;
  if (rush.done || isTaken) return null;
  const leased: StoredRush = { ...rush, lease: { holder, until: storageTime + leaseFor } };
  return (await replace(table, value, leased)) ? leased : null;
}

export async function finishRush(table: Table, second: number): Promise<void> {
  const { value } = await table.get(partition, rowOf(second));
  if (value !== undefined) await replace(table, value, { ...parseContent(value, schema), done: true });
}

const replace = (table: Table, { row, etag }: Row, rush: StoredRush): Promise<boolean> =>
  ignoreConflict(table.commit(partition, [{ type: "replace", row, etag, content: { schema: 1, ...rush } }]));

/** False when somebody else was first. */
async function ignoreConflict(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}

/** So many principals whose roles end in one second that one instance cuts them all, instead of each polling for itself. */
interface Rush {
  /** The second of the ends, Graph's time, epoch milliseconds. */
  readonly second: number;
  /** Most privileged first. */
  readonly principals: readonly string[];
}

/** Up to this many ends in one second are awaited each by itself. */
export const rushAbove = 20;

/** The second of an end, epoch milliseconds. */
export const secondOf = (end: string): number => Math.floor(instantMs(end) / 1000) * 1000;

/** The rushes among the ends after `from` and up to `until`, Graph's time, epoch milliseconds. Pure. */
export function findRushes(
  heads: ReadonlyMap<string, Pick<Head, "listed"> | null>,
  from: number,
  until: number,
): readonly Rush[] {
  const ranksBySecond = new Map<number, Map<string, number>>();
  for (const [principalId, head] of heads) {
    for (const row of head?.listed ?? []) {
      const { end, roleDefinitionId } = readListedRow(row);
      if (end === null) continue;
      const second = secondOf(end);
      if (second < from || second > until) continue;
      const ranks = ranksBySecond.get(second) ?? new Map<string, number>();
      ranks.set(principalId, Math.min(ranks.get(principalId) ?? Number.POSITIVE_INFINITY, roleRank(roleDefinitionId)));
      ranksBySecond.set(second, ranks);
    }
  }
  return [...ranksBySecond]
    .filter(([, ranks]) => ranks.size > rushAbove)
    .map(([second, ranks]) => ({ second, principals: inOrder(ranks) }));
}

const inOrder = (ranks: ReadonlyMap<string, number>): readonly string[] =>
  [...ranks].toSorted(([idA, a], [idB, b]) => a - b || (idA < idB ? -1 : 1)).map(([principalId]) => principalId);

/** The live rushes as this process knows them: `graphNow` is Graph's time, estimated. */
export type KnownRushes = (graphNow: number) => Promise<readonly StoredRush[]>;

/** Milliseconds for which an answer is believed. A rush names a thousand principals, and a thousand timers ask within four seconds. */
const knownFor = 1000;

/** Reads the live rushes from storage, at most once a second. A failure is nobody's but the asker's: the next one reads again. */
export function createKnownRushes(state: Table, { monotonic }: Pick<Clock, "monotonic">): KnownRushes {
  let known: { readonly since: number; readonly rushes: Promise<readonly StoredRush[]> } | null = null;
  return (graphNow) => {
    if (known === null || monotonic() - known.since >= knownFor) {
      const reading = { since: monotonic(), rushes: liveRushes(state, graphNow) };
      known = reading;
      reading.rushes.catch(() => {
        if (known === reading) known = null;
      });
    }
    return known.rushes;
  };
}
