import { z } from "zod";
import type { Head } from "../model/principal.ts";
import { parseContent, putRow, type Table, unforged } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** The state of the resync, shared by all instances. Times are storage's unless noted, epoch milliseconds. */
export interface ResyncRecord {
  readonly startedAt: number;
  /** When a resync last finished reading the whole list; null before the first. */
  readonly finishedAt: number | null;
  /** Graph's time of that list. */
  readonly graphDate: number | null;
  readonly listed: number;
  readonly enqueued: number;
  /** Principals with a pending revocation that has no outcome yet, and Graph's time when the oldest was found. */
  readonly open: number;
  readonly openSince: number | null;
  /** Principals with a pending revocation that the threshold holds. */
  readonly held: number;
  /** Principals with a loss so old that an operator has to decide about it. */
  readonly inReview: number;
  /** Principals whose access token without CAE may outlive a revoke, and until when at the latest, Graph's time. */
  readonly exposed: number;
  readonly exposedUntil: number | null;
  /** Users with an assignment in the list. The revocation threshold is a share of this number. */
  readonly watchedUsers: number;
  /** How many heads are remembered (see `known-heads.ts`). */
  readonly known: number;
  /** From `Retry-After`: the list is not read before this time. */
  readonly notBefore: number | null;
  /** Error code of the last resync; null when it succeeded. */
  readonly error: string | null;
}

/** What a process remembers of the heads that its last resync saw, in case the list of heads itself is deleted. */
export interface HeadMemory {
  known: readonly string[];
  /** Principals that had more rows than their head. */
  rooted: ReadonlySet<string>;
}

const schema = z.object({
  schema: z.literal(1),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  graphDate: z.number().nullable(),
  listed: z.number(),
  enqueued: z.number(),
  open: z.number(),
  openSince: z.number().nullable(),
  held: z.number().default(0),
  inReview: z.number().default(0),
  exposed: z.number().default(0),
  exposedUntil: z.number().nullable().default(null),
  watchedUsers: z.number().default(0),
  known: z.number().default(0),
  notBefore: z.number().nullable(),
  error: z.string().nullable(),
});

const partition = "resync";
const row = "last";

export interface LoadedResync {
  readonly record: ResyncRecord | null;
  readonly etag: string | null;
  readonly storageTime: number;
}

/** @throws StorageRowError when another version wrote the row. */
export async function loadResync(table: Table): Promise<LoadedResync> {
  const { value, storageTime } = await table.get(partition, row);
  const trusted = unforged(value);
  return {
    record: trusted === undefined ? null : parseContent(trusted, schema),
    etag: value?.etag ?? null,
    storageTime,
  };
}

/** @throws StorageConflictError when another instance was first. Returns the new etag. */
export async function saveResync(table: Table, etag: string | null, record: ResyncRecord): Promise<string | null> {
  const content = { schema: 1, ...record };
  const operation = putRow(row, content, etag);
  const { value } = await table.commit(partition, [operation]);
  return value.get(row) ?? null;
}

export const minute = 60_000;

/** Age classes of ends without an outcome, in milliseconds; the last class has no upper bound. */
const ages = [
  { age: "underOneMinute", below: minute },
  { age: "underTenMinutes", below: 10 * minute },
  { age: "underOneHour", below: 60 * minute },
  { age: "older", below: Number.POSITIVE_INFINITY },
] as const;

/** Measures how many principals are pending, by age, and how many the threshold holds, zeros included. `date` and `openSince` are Graph's times. */
export function measurePending(
  { telemetry }: { readonly telemetry: Telemetry },
  heads: readonly Pick<Head, "openSince" | "held">[],
  date: number,
): void {
  const open = heads.flatMap(({ openSince }) => (openSince === null ? [] : [Math.max(0, date - openSince)]));
  let from = 0;
  for (const { age, below } of ages) {
    const count = open.filter((time) => time >= from && time < below).length;
    telemetry.measure("pendingPrincipals", count, { age });
    from = below;
  }
  telemetry.measure(
    "oldestPending",
    open.reduce((oldest, time) => Math.max(oldest, time), 0),
  );
  telemetry.measure("heldPrincipals", heads.filter(({ held }) => held !== undefined).length);
}
