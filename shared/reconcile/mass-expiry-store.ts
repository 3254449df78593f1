import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { readListedRow, roleRank } from "../model/holding.ts";
import type { Head } from "../model/principal.ts";
import { isForged, parseContent, type Row, StorageConflictError, type Table } from "../storage/table.ts";

/** A mass expiry as storage keeps it for all instances. */
interface StoredMassExpiry extends MassExpiry {
  /** The instance that cuts it, and until when unless renewed (storage's time, epoch milliseconds). Null before an instance has begun. */
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

/** Length of a lease in milliseconds; the holder renews it long before it runs out. */
const leaseFor = 30_000;

/** If no instance has begun this long after the ends, the message that should start it is lost; milliseconds. */
const beginsWithin = 15_000;

/** How long a finished mass expiry is remembered; milliseconds. */
const keptFor = 24 * 3_600_000;

const rowOf = (second: number): string => new Date(second).toISOString();

/** Stores a mass expiry. Returns true when it is new: the caller must then send the message that starts it. One that has begun stays as it is. */
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

/** The mass expiries that an instance is cutting or is about to cut: their principals need no pass of their own. `graphNow`: Graph's time, estimated. */
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

/** Takes or renews the lease. Null when another instance holds it, or when the mass expiry is over or unknown. */
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

/** Resolves to false when another instance wrote first. */
async function ignoreConflict(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}

/** More than 20 principals have roles that end in the same second. One instance cuts them all, instead of one polling invocation for each. */
interface MassExpiry {
  /** The second of the ends, Graph's time, epoch milliseconds. */
  readonly second: number;
  /** Most privileged first. */
  readonly principals: readonly string[];
}

/** Up to this many principals per second of ends, each is awaited by an invocation of its own. */
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

/** Milliseconds for which an answer is reused. A mass expiry may name a thousand principals, whose timers all ask within four seconds. */
const knownFor = 1000;

/** Reads the open mass expiries from storage, at most once a second. A failed read is not kept: the next caller reads again. */
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
