import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { Head } from "../model/principal.ts";
import { readListedRow, roleRank } from "../model/privilege.ts";
import { parseContent } from "../storage/rows.ts";
import { isForged, type Row, StorageConflictError, type Table } from "../storage/table.ts";

/** A mass expiry as all instances know it. */
interface StoredMassExpiry extends MassExpiry {
  /** Who cuts it, and until when by storage's clock unless renewed. Null before somebody has begun. */
  readonly lease: { readonly holder: string; readonly until: number } | null;
  readonly done: boolean;
}

const partition = "massExpiry";
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

/** How long a finished mass expiry is remembered; milliseconds. */
const keptFor = 24 * 3_600_000;

const rowOf = (second: number): string => new Date(second).toISOString();

/** Stores a mass expiry. True when it is new: then a message must start it. One that has begun is left as it is. */
export async function storeMassExpiry(table: Table, massExpiry: MassExpiry): Promise<boolean> {
  const row = rowOf(massExpiry.second);
  const content = { schema: 1, ...massExpiry, lease: null, done: false };
  try {
    await table.commit(partition, [{ type: "insert", row, content }]);
    return true;
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
  const { value } = await table.get(partition, row);
  if (value === undefined) return false;
  const known = parseContent(value, schema);
  if (known.lease !== null || known.done || known.principals.length === massExpiry.principals.length) return false;
  await ignoreConflict(table.commit(partition, [{ type: "replace", row, content, etag: value.etag }]));
  return false;
}

/** The mass expiries that somebody is cutting, or is about to: their principals need no pass of their own. `graphNow`: Graph's time, estimated. */
export async function openMassExpiries(table: Table, graphNow: number): Promise<readonly StoredMassExpiry[]> {
  const { value: rows, storageTime } = await table.list(partition);
  const old = rows.filter((row) => isForged(row) || storageTime - row.timestamp > keptFor);
  for (const { row, etag } of old) await ignoreConflict(table.commit(partition, [{ type: "delete", row, etag }]));
  return rows
    .filter((row) => !isForged(row))
    .map((row) => parseContent(row, schema))
    .filter((massExpiry) => isLive(massExpiry, storageTime, graphNow));
}

const isLive = ({ lease, done, second }: StoredMassExpiry, storageTime: number, graphNow: number): boolean =>
  !done && (lease === null ? graphNow < second + beginsWithin : lease.until > storageTime);

/** Takes or renews the lease. Null when it is somebody else's, or when the mass expiry is over or unknown. */
export async function leaseMassExpiry(table: Table, second: number, holder: string): Promise<StoredMassExpiry | null> {
  const { value, storageTime } = await table.get(partition, rowOf(second));
  if (value === undefined) return null;
  const massExpiry = parseContent(value, schema);
  const isTaken =
    massExpiry.lease !== null && massExpiry.lease.holder !== holder && massExpiry.lease.until > storageTime;
  if (massExpiry.done || isTaken) return null;
  const leased: StoredMassExpiry = { ...massExpiry, lease: { holder, until: storageTime + leaseFor } };
  return (await replace(table, value, leased)) ? leased : null;
}

export async function finishMassExpiry(table: Table, second: number): Promise<void> {
  const { value } = await table.get(partition, rowOf(second));
  if (value !== undefined) await replace(table, value, { ...parseContent(value, schema), done: true });
}

const replace = (table: Table, { row, etag }: Row, massExpiry: StoredMassExpiry): Promise<boolean> =>
  ignoreConflict(table.commit(partition, [{ type: "replace", row, etag, content: { schema: 1, ...massExpiry } }]));

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
interface MassExpiry {
  /** The second of the ends, Graph's time, epoch milliseconds. */
  readonly second: number;
  /** Most privileged first. */
  readonly principals: readonly string[];
}

/** Up to this many ends in one second are awaited each by itself. */
export const massExpiryAbove = 20;

/** The second of an end, epoch milliseconds. */
export const secondOf = (end: string): number => Math.floor(instantMs(end) / 1000) * 1000;

/** The mass expiries among the ends after `from` and up to `until`, Graph's time, epoch milliseconds. Pure. */
export function findMassExpiries(
  heads: ReadonlyMap<string, Pick<Head, "listed"> | null>,
  from: number,
  until: number,
): readonly MassExpiry[] {
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
    .filter(([, ranks]) => ranks.size > massExpiryAbove)
    .map(([second, ranks]) => ({ second, principals: inOrder(ranks) }));
}

const inOrder = (ranks: ReadonlyMap<string, number>): readonly string[] =>
  [...ranks].toSorted(([idA, a], [idB, b]) => a - b || (idA < idB ? -1 : 1)).map(([principalId]) => principalId);

/** The open mass expiries as this process knows them: `graphNow` is Graph's time, estimated. */
export type KnownMassExpiries = (graphNow: number) => Promise<readonly StoredMassExpiry[]>;

/** Milliseconds for which an answer is believed. A mass expiry names a thousand principals, and a thousand timers ask within four seconds. */
const knownFor = 1000;

/** Reads the open mass expiries from storage, at most once a second. A failure is nobody's but the asker's: the next one reads again. */
export function createKnownMassExpiries(state: Table, { monotonic }: Pick<Clock, "monotonic">): KnownMassExpiries {
  let known: { readonly since: number; readonly massExpiries: Promise<readonly StoredMassExpiry[]> } | null = null;
  return (graphNow) => {
    if (known === null || monotonic() - known.since >= knownFor) {
      const reading = { since: monotonic(), massExpiries: openMassExpiries(state, graphNow) };
      known = reading;
      reading.massExpiries.catch(() => {
        if (known === reading) known = null;
      });
    }
    return known.massExpiries;
  };
}
