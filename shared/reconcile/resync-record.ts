import { z } from "zod";
import { earliest } from "../base/clock.ts";
import type { Head } from "../model/principal.ts";
import { loadRow, putRow, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

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
  listed: count,
  enqueued: count,
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

const partition = "resync";
const row = "last";

/** The record before the first resync. */
export const nothingYet: ResyncRecord = schema.parse({ schema: 1, startedAt: 0 });

/** The record, null before the first resync; its etag; storage's time. @throws StorageRowError when another version wrote the row. */
export async function loadResync(table: Table) {
  const { content: record, etag, storageTime } = await loadRow(table, partition, row, schema);
  return { record, etag, storageTime };
}

/** @throws StorageConflictError when another instance was first. Returns the new etag. */
export async function saveResync(table: Table, etag: string | null, record: ResyncRecord): Promise<string | null> {
  const { value } = await table.commit(partition, [putRow(row, { schema: 1, ...record }, etag)]);
  return value.get(row) ?? null;
}

const minute = 60_000;

/** Upper bounds of the ages of ends without an outcome, in milliseconds. */
const ages = {
  underOneMinute: minute,
  underTenMinutes: 10 * minute,
  underOneHour: 60 * minute,
  older: Number.POSITIVE_INFINITY,
};

/** What the record counts in these heads. Measures how many principals are pending, by age, and how many are held, zeros included. `date`: Graph's time. */
export function countHeads(heads: readonly Omit<Head, "unreadable">[], date: number, telemetry: Telemetry) {
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
