import { isStorageError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Delivery, loadDeliveries, loadEndCounts } from "./reliability.ts";
import { loadSubscriptions, type Source, type SubscriptionRecord } from "./subscription-record.ts";

/**
 * The health of one signal source, from the records of its subscriptions. An accepted subscription proves nothing, since Graph accepts resources that
 * it does not support; only an authentic delivery does. A refusal is shown by its code and in our words, never Graph's. Pure.
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
    detail: newest === undefined ? null : [newest.code, newest.reason].filter((text) => text !== "").join(": "),
  };
}

function stateOf(records: readonly SubscriptionRecord[], hasDelivered: boolean): SourceHealth["state"] {
  if (records.some(({ failure }) => failure?.unsupported === true)) return "unsupported";
  if (records.some(({ id, failure }) => id === null && failure !== null)) return "failing";
  return hasDelivered ? "proven" : "unproven";
}

/** Reads the health of the sources that subscriptions serve. The groups' source also shows how reliable it is. */
export function subscriptionHealth(state: Table): SourceReaders {
  const read = (source: Source) => async () => {
    const [records, deliveries] = await Promise.all([loadSubscriptions(state), loadDeliveries(state)]);
    return subscriptionHealthOf(source, records.values(), deliveries);
  };
  const readGroups = async () => {
    const [health, { notified, late, missed }] = await Promise.all([read("groups")(), loadEndCounts(state)]);
    return {
      ...health,
      detail: health.detail ?? `unannounced ends: ${notified} notified, ${late} late, ${missed} missed`,
    };
  };
  return {
    groupNotifications: readGroups,
    roleInstanceNotifications: read("roleAssignmentScheduleInstances"),
    directoryAuditNotifications: read("directoryAudits"),
  };
}

/**
 * The health of a signal source. `proven`: it has delivered; `unproven`: it has not delivered yet, in a quiet tenant or because it is not
 * connected; `unsupported`: this cloud does not offer it; `failing`: it should work and does not.
 */
export interface SourceHealth {
  readonly state: "proven" | "unproven" | "unsupported" | "failing";
  /** ISO time of the last delivery or reading; null = never. */
  readonly lastAt: string | null;
  /** A code with more detail. */
  readonly detail: string | null;
}

/** Readers of each source's health, by the name of the function that receives it. They read stored state only. */
export type SourceReaders = Readonly<Record<string, () => Promise<SourceHealth>>>;

/** Measures the health of each signal source. A source whose record cannot be read counts as failing; the others are still measured. */
export async function measureSources(
  sources: SourceReaders,
  { telemetry }: { readonly telemetry: Pick<Telemetry, "measure"> },
): Promise<void> {
  const stateOf = async (read: SourceReaders[string]) => {
    try {
      return (await read()).state;
    } catch (error) {
      if (!isStorageError(error)) throw error;
      return "unreadable";
    }
  };
  for (const [source, read] of Object.entries(sources)) {
    const state = await stateOf(read);
    telemetry.measure("sourceHealthy", state === "failing" || state === "unreadable" ? 0 : 1, { source, state });
  }
}
