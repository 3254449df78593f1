import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { loadPrincipal } from "../model/load-and-commit.ts";
import { isStorageError, parseContent, parseRows, putRow, StorageConflictError, type Table } from "../storage/table.ts";
import type { EventProperties, Telemetry } from "../telemetry/telemetry.ts";
import { loadSubscriptions, type Source, type SubscriptionRecord, sources } from "./subscription-record.ts";

/** Measures how reliable a proven source is: which unannounced ends it reported, and which only the app's own reading found. */
interface EndNotices {
  /** Wraps the telemetry, so that its `ended` events are counted here. */
  readonly telemetry: Telemetry;
  /** Stores the counts. Never throws: they are only a statistic, and a failure is recorded as an event. */
  flush(): Promise<void>;
  /** Decides by later deliveries whether open ends were reported late or missed. */
  judge(): Promise<void>;
}

interface Heard {
  readonly principalId: string;
  readonly key: string;
  readonly groupId: string;
  readonly isNotified: boolean;
}

export function createEndNotices(state: Table, principals: Table, telemetry: Telemetry): EndNotices {
  let heard: Heard[] = [];

  const count = async (ends: readonly Heard[]) => {
    const records = await loadSubscriptions(state);
    const deliveries = await loadDeliveries(state);
    if (!deliveries.some(({ source }) => source === "groups")) return;
    // Losing one membership of a group with several roles ends several privileges: it counts once.
    const memberships = new Map(ends.map((end) => [`${end.principalId} ${end.groupId}`, end]));
    for (const { principalId, key, groupId, isNotified } of memberships.values()) {
      const resource = `groups/${groupId}/members`;
      if ((records.get(resource)?.id ?? null) === null) continue;
      const { revocations } = (await loadPrincipal(principals, principalId)).state;
      if (revocations.get(key)?.through?.ended !== "access") continue;
      await changeEndCounts(state, (known, now) => countEnd(known, resource, isNotified, now));
      if (isNotified) telemetry.measure("membershipEnds", 1, { came: "notified" });
    }
  };

  return {
    telemetry: {
      ...telemetry,
      event(name, properties) {
        telemetry.event(name, properties);
        const end = name === "ended" ? hear(properties) : null;
        if (end !== null) heard.push(end);
      },
    },
    async flush() {
      if (heard.length === 0) return;
      const ends = heard;
      heard = [];
      try {
        await count(ends);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        telemetry.event("storageUnavailable", { partition: "endCounts", code: error.code });
      }
    },
    async judge() {
      const before = await loadEndCounts(state);
      if (before.open.length === 0) return;
      const last = new Map((await loadDeliveries(state)).map(({ resource, at }) => [resource, at]));
      await changeEndCounts(state, (known, now) => {
        const judged = judgeOpen(known, last, now);
        return judged.open.length === known.open.length ? known : judged;
      });
      const { late, missed } = await loadEndCounts(state);
      if (late > before.late) telemetry.measure("membershipEnds", late - before.late, { came: "late" });
      if (missed > before.missed) telemetry.measure("membershipEnds", missed - before.missed, { came: "missed" });
    },
  };
}

/** Reads the event of an unannounced end through a group; null for any other event. */
function hear({ principalId, key, groupId, planned, foundBy }: EventProperties): Heard | null {
  if (typeof principalId !== "string" || typeof key !== "string" || typeof groupId !== "string" || planned !== false) {
    return null;
  }
  return { principalId, key, groupId, isNotified: foundBy === "notification" };
}

/** Unannounced ends of memberships, counted by how a proven source reported them. Times are storage's, epoch milliseconds. */
interface EndCounts {
  /** Ends found by their notification. */
  readonly notified: number;
  /** Ends found by the app's own reading before their notification came. */
  readonly late: number;
  /** Ends found by the app's own reading, with no notification in all the time in which Graph tries. */
  readonly missed: number;
  /** Ends found by the app's own reading whose notification may still come. */
  readonly open: readonly { readonly resource: string; readonly foundAt: number }[];
}

/** Milliseconds. Graph tries a delivery for up to four hours (Graph docs: change notifications delivery by webhooks). */
const waitsFor = 4 * 3_600_000;
/** Milliseconds. A notification shortly before the app's reading reported this end, too; deliveries are noted every 10 s. */
const before = 60_000;
const mostOpen = 500;

/** The counts with one more end. Pure. */
export const countEnd = (ends: EndCounts, resource: string, isNotified: boolean, now: number): EndCounts =>
  isNotified
    ? { ...ends, notified: ends.notified + 1 }
    : { ...ends, open: [...ends.open, { resource, foundAt: now }].slice(-mostOpen) };

/** The counts after each open end was judged by the last delivery of its subscription. Pure. */
export function judgeOpen(ends: EndCounts, lastDelivery: ReadonlyMap<string, number>, now: number): EndCounts {
  const isNotified = ({ resource, foundAt }: EndCounts["open"][number]) =>
    (lastDelivery.get(resource) ?? Number.NEGATIVE_INFINITY) >= foundAt - before;
  const late = ends.open.filter(isNotified);
  const left = ends.open.filter((end) => !isNotified(end));
  const open = left.filter(({ foundAt }) => now - foundAt < waitsFor);
  return {
    notified: ends.notified,
    late: ends.late + late.length,
    missed: ends.missed + left.length - open.length,
    open,
  };
}

const countsPartition = "endCounts";
const countsRow = "groups";
const countsSchema = z.object({
  schema: z.literal(1),
  notified: z.int(),
  late: z.int(),
  missed: z.int(),
  open: z.array(z.object({ resource: z.string(), foundAt: z.number() })),
});
const none: EndCounts = { notified: 0, late: 0, missed: 0, open: [] };
const mostTries = 5;

export async function loadEndCounts(state: Table): Promise<EndCounts> {
  const { value } = await state.get(countsPartition, countsRow);
  return value === undefined ? none : parseContent(value, countsSchema);
}

/** Changes the stored counts, with a few more tries when other instances write too: they are only a statistic. */
export async function changeEndCounts(
  state: Table,
  change: (ends: EndCounts, now: number) => EndCounts,
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { value, storageTime } = await state.get(countsPartition, countsRow);
    const known = value === undefined ? none : parseContent(value, countsSchema);
    const next = change(known, storageTime);
    if (next === known) return;
    const content = { schema: 1, ...next };
    const put = putRow(countsRow, content, value?.etag);
    try {
      await state.commit(countsPartition, [put]);
      return;
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}

const deliveriesPartition = "deliveries";
const deliverySchema = z.object({ schema: z.literal(1), resource: z.string(), source: z.enum(sources) });

/** Milliseconds between two notes of one subscription: a burst counts as one delivery. */
const noteEvery = 10_000;

/** When a subscription last delivered something authentic. */
export interface Delivery {
  readonly resource: string;
  readonly source: Source;
  /** Storage's time, epoch milliseconds, at most `noteEvery` too early. */
  readonly at: number;
}

/** Notes that these subscriptions delivered. Never throws: the messages themselves are already stored in the queue. */
export type NoteDeliveries = (subscriptions: readonly SubscriptionRecord[]) => Promise<void>;

export function createDeliveryNotes(state: Table, clock: Clock, telemetry: Telemetry): NoteDeliveries {
  const notedAt = new Map<string, number>();
  return async (subscriptions) => {
    const now = clock.monotonic();
    const due = new Map(subscriptions.map(({ resource, source }) => [resource, source]));
    for (const resource of due.keys()) {
      if (now - (notedAt.get(resource) ?? Number.NEGATIVE_INFINITY) < noteEvery) due.delete(resource);
    }
    for (const resource of due.keys()) notedAt.set(resource, now);
    const operations = [...due].slice(0, 100).map(([resource, source]) => {
      return { type: "upsert", row: rowKey(resource), content: { schema: 1, resource, source } } as const;
    });
    if (operations.length === 0) return;
    try {
      await state.commit(deliveriesPartition, operations);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      telemetry.event("storageUnavailable", { partition: deliveriesPartition, code: error.code });
    }
  };
}

/** Loads the last deliveries. Rows of another version are left out: they only show that a source works. @throws the errors of storage */
export async function loadDeliveries(state: Table): Promise<readonly Delivery[]> {
  const { value: rows } = await state.list(deliveriesPartition);
  return parseRows(rows, deliverySchema).read.map(({ row, content }) => ({ ...content, at: row.timestamp }));
}
