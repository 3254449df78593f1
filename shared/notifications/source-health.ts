import type { SourceHealth, SourceReaders } from "../signals/source-health.ts";
import type { Table } from "../storage/table.ts";
import type { Source } from "../subscriptions/catalogue.ts";
import { type Delivery, loadDeliveries } from "../subscriptions/deliveries.ts";
import { loadToldEnds } from "../subscriptions/told-ends.ts";
import { loadSubscriptions, type SubscriptionRecord } from "./subscription-record.ts";

/**
 * The health of one signal source, by what is known of its subscriptions. An accepted subscription proves nothing, since Graph is known to accept
 * what it does not support: it takes an authentic delivery. What Graph refused is told by its code, in our words. Pure.
 */
export function subscriptionHealthOf(
  source: Source,
  records: Iterable<SubscriptionRecord>,
  deliveries: readonly Delivery[],
): SourceHealth {
  const own = [...records].filter((record) => record.source === source);
  const last = deliveries.filter((delivery) => delivery.source === source).map(({ at }) => at);
  const [newest] = own.flatMap(({ failure }) => failure ?? []).toSorted((a, b) => b.at - a.at);
  return {
    state: stateOf(own, last.length > 0),
    lastAt: last.length === 0 ? null : new Date(Math.max(...last)).toISOString(),
    detail: newest === undefined ? null : [newest.code, newest.words].filter((text) => text !== "").join(": "),
  };
}

function stateOf(records: readonly SubscriptionRecord[], hasDelivered: boolean): SourceHealth["state"] {
  if (records.some(({ failure }) => failure?.unsupported === true)) return "unsupported";
  if (records.some(({ id, failure }) => id === null && failure !== null)) return "failing";
  return hasDelivered ? "proven" : "unproven";
}

/** The sources that subscriptions are for. Of the groups' it is also told how reliable they are. */
export function subscriptionHealth(state: Table): SourceReaders {
  const read = (source: Source) => async () => {
    const [records, deliveries] = await Promise.all([loadSubscriptions(state), loadDeliveries(state)]);
    return subscriptionHealthOf(source, records.values(), deliveries);
  };
  const readGroups = async () => {
    const [health, { told, late, missed }] = await Promise.all([read("groups")(), loadToldEnds(state)]);
    return { ...health, detail: health.detail ?? `${told} ends told, ${late} late, ${missed} missed` };
  };
  return {
    groupNotifications: readGroups,
    roleInstanceNotifications: read("roleAssignmentScheduleInstances"),
    directoryAuditNotifications: read("directoryAudits"),
  };
}
