import type { Clock } from "../base/clock.ts";
import { loadSubscriptions, type SubscriptionRecord } from "../notifications/subscription-record.ts";
import type { Table } from "../storage/table.ts";

/** Our subscriptions by Graph's id, out of storage. */
export type KnownSubscriptions = (ids: Iterable<string>) => Promise<ReadonlyMap<string, SubscriptionRecord>>;

/** Milliseconds: a subscription that was replaced is believed for no longer than this. */
const freshFor = 60_000;
/** Ids that are not ours make us read again, but no more often than this, whoever sends how many. */
const unknownEvery = 1000;

/** Read once and kept; read again when somebody names one that is not among them. @throws what storage throws */
export function createKnownSubscriptions(state: Table, clock: Clock): KnownSubscriptions {
  let known: ReadonlyMap<string, SubscriptionRecord> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async () => {
    const startedAt = clock.monotonic();
    const records = [...(await loadSubscriptions(state)).values()];
    known = new Map(records.flatMap((record) => (record.id === null ? [] : [[record.id, record]])));
    readAt = startedAt;
  };
  const refresh = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };

  return async (ids) => {
    const age = clock.monotonic() - readAt;
    const hasUnknown = [...ids].some((id) => !known.has(id));
    if (age >= freshFor || (hasUnknown && age >= unknownEvery)) await refresh();
    return known;
  };
}
