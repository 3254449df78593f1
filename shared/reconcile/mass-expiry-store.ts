import { z } from "zod";
import type { Clock, MonotonicTime } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { readListedRow, roleRank } from "../model/holding.ts";
import type { Head } from "../model/principal.ts";
import { isFirst, isForged, loadRow, parseContent, type Table } from "../storage/table.ts";

const partition = "massExpiry";
/** More than 20 principals have roles that end in the same second. One instance cuts them all, instead of one polling invocation for each. */
const schema = z.object({
  schema: z.literal(1),
  /** The second of the ends, Graph's time, epoch milliseconds. */
  second: z.number(),
  /** Most privileged first. */
  principals: z.array(z.string()).readonly(),
  /** The instance that cuts it, and until when unless renewed (storage's time, epoch milliseconds). Null before an instance has begun. */
  lease: z.object({ holder: z.string(), until: z.number() }).nullable(),
  done: z.boolean(),
});
type StoredMassExpiry = Readonly<Omit<z.infer<typeof schema>, "schema">>;
type MassExpiry = Pick<StoredMassExpiry, "second" | "principals">;

/** Length of a lease in milliseconds; the holder renews it long before it runs out. */
const leaseFor = 30_000;
/** If no instance has begun this long after the ends, the message that should start it is lost; milliseconds. */
const beginsWithin = 15_000;
/** How long a finished mass expiry is remembered; milliseconds. */
const keptFor = 24 * 3_600_000;

const load = (table: Table, second: number) => loadRow(table, partition, new Date(second).toISOString(), schema);

/** Stores a mass expiry. Resolves to true when it is new: the caller must then send the message that starts it. One that has begun stays as it is. */
export async function storeMassExpiry(table: Table, massExpiry: MassExpiry): Promise<boolean> {
  const { content: known, save } = await load(table, massExpiry.second);
  const isSame = known?.principals.length === massExpiry.principals.length;
  if (known !== null && (isSame || known.lease !== null || known.done)) return false;
  return (await save({ ...massExpiry, lease: null, done: false })) && known === null;
}

/** The mass expiries that an instance is cutting or is about to cut: their principals need no pass of their own. `graphNow`: Graph's time, estimated. */
export async function openMassExpiries(table: Table, graphNow: number): Promise<readonly StoredMassExpiry[]> {
  const { value: rows, storageTime } = await table.list(partition);
  const old = rows.filter((row) => isForged(row) || storageTime - row.timestamp > keptFor);
  for (const { row, etag } of old) await isFirst(table.commit(partition, [{ type: "delete", row, etag }]));
  return rows
    .filter((row) => !isForged(row))
    .map((row) => parseContent(row, schema))
    .filter(({ done }) => !done)
    .filter(({ lease, second }) => (lease === null ? graphNow < second + beginsWithin : lease.until > storageTime));
}

/** Takes or renews the lease. Null when another instance holds it, or when the mass expiry is over or unknown. */
export async function leaseMassExpiry(table: Table, second: number, holder: string): Promise<StoredMassExpiry | null> {
  const { content: known, storageTime, save } = await load(table, second);
  if (known === null || known.done) return null;
  const { lease } = known;
  if (lease !== null && lease.holder !== holder && lease.until > storageTime) return null;
  const leased = { ...known, lease: { holder, until: storageTime + leaseFor } };
  return (await save(leased)) ? leased : null;
}

export async function finishMassExpiry(table: Table, second: number): Promise<void> {
  const { content: known, save } = await load(table, second);
  if (known !== null) await save({ ...known, done: true });
}

/** Up to this many principals per second of ends, each is awaited by an invocation of its own. */
export const massExpiryAbove = 20;

/** The second of an end, epoch milliseconds. */
export const secondOf = (end: string): number => Math.floor(instantMs(end) / 1000) * 1000;

/** The mass expiries among the ends from `from` to `until`, Graph's time, epoch milliseconds. Pure. */
export function findMassExpiries(
  heads: ReadonlyMap<string, Pick<Head, "listed"> | null>,
  from: number,
  until: number,
): readonly MassExpiry[] {
  const ends = [...heads].flatMap(([principalId, head]) =>
    (head?.listed ?? []).map(readListedRow).flatMap(({ end, roleDefinitionId }) => {
      const second = end === null ? Number.POSITIVE_INFINITY : secondOf(end);
      return second < from || second > until ? [] : [{ principalId, second, rank: roleRank(roleDefinitionId) }];
    }),
  );
  return [...Map.groupBy(ends, ({ second }) => second)]
    .map(([second, ending]) => {
      const ordered = ending.toSorted((a, b) => a.rank - b.rank || (a.principalId < b.principalId ? -1 : 1));
      // The most powerful of a principal's roles comes first, and counts.
      return { second, principals: [...new Set(ordered.map(({ principalId }) => principalId))] };
    })
    .filter(({ principals }) => principals.length > massExpiryAbove);
}

/** Milliseconds for which an answer is reused. A mass expiry may name a thousand principals, whose timers all ask within four seconds. */
const knownFor = 1000;

/** Reads the open mass expiries from storage, at most once a second. A failed read is not kept: the next caller reads again. */
export function createKnownMassExpiries(state: Table, { monotonic }: Pick<Clock, "monotonic">) {
  let known: ReturnType<typeof openMassExpiries> | null = null;
  let since: MonotonicTime = 0;
  return (graphNow: number) => {
    if (known !== null && monotonic() - since < knownFor) return known;
    const reading = openMassExpiries(state, graphNow);
    [known, since] = [reading, monotonic()];
    reading.catch(() => {
      if (known === reading) known = null;
    });
    return reading;
  };
}
