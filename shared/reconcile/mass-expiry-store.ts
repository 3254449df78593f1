import { z } from "zod";
import type { Rush } from "../assignments/rush.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import { isForged, type Row, type Table } from "../storage/table.ts";

/** A rush as all instances know it. */
export interface StoredRush extends Rush {
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
