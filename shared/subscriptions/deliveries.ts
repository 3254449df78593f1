import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import type { SubscriptionRecord } from "../notifications/subscription-record.ts";
import { parseRows } from "../storage/parse-rows.ts";
import { isStorageError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";
import { type Source, sources } from "./catalogue.ts";

const partition = "deliveries";
const schema = z.object({ schema: z.literal(1), resource: z.string(), source: z.enum(sources) });

/** Milliseconds: a burst is one delivery. */
const noteEvery = 10_000;

/** When a subscription last delivered something authentic. */
export interface Delivery {
  readonly resource: string;
  readonly source: Source;
  /** Storage's time, epoch milliseconds, at most `noteEvery` too early. */
  readonly at: number;
}

/** Remembers that these subscriptions delivered. Never throws: what was delivered is safe already, and this only tells of it. */
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
      await state.commit(partition, operations);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      telemetry.event("storageUnavailable", { partition, code: error.code });
    }
  };
}

/** What another version noted is left out: it only tells that a source is alive. */
export async function loadDeliveries(state: Table): Promise<readonly Delivery[]> {
  const { value: rows } = await state.list(partition);
  return parseRows(rows, schema).read.map(({ row, content }) => ({ ...content, at: row.timestamp }));
}
