import { isStorageError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Delivery, loadDeliveries, loadEndCounts } from "./reliability.ts";
import { loadSubscriptions, type Source, type SubscriptionRecord } from "./subscription-record.ts";

/**
 * The health of one signal source, by what is known of its subscriptions. An accepted subscription proves nothing, since Graph is known to accept
 * what it does not support: it takes an authentic delivery. What Graph refused is shown by its code, in our words. Pure.
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

/** The sources that subscriptions are for. That of the groups also says how reliable they are. */
export function subscriptionHealth(state: Table): SourceReaders {
  const read = (source: Source) => async () => {
    const [records, deliveries] = await Promise.all([loadSubscriptions(state), loadDeliveries(state)]);
    return subscriptionHealthOf(source, records.values(), deliveries);
  };
  const readGroups = async () => {
    const [health, { notified, late, missed }] = await Promise.all([read("groups")(), loadEndCounts(state)]);
    return { ...health, detail: health.detail ?? `${notified} ends notified, ${late} late, ${missed} missed` };
  };
  return {
    groupNotifications: readGroups,
    roleInstanceNotifications: read("roleAssignmentScheduleInstances"),
    directoryAuditNotifications: read("directoryAudits"),
  };
}

/**
 * How it stands with a source of signals. `proven`: something has arrived; `unproven`: nothing yet, which may be a quiet tenant or a source
 * that is not connected; `unsupported`: there is no such thing in this cloud; `failing`: it should work and does not.
 */
export interface SourceHealth {
  readonly state: "proven" | "unproven" | "unsupported" | "failing";
  /** ISO time of the newest sign of life; null = never. */
  readonly lastAt: string | null;
  /** A code that says more. */
  readonly detail: string | null;
}

/** By the name of the function that it comes in through. Each reads stored state alone. */
export type SourceReaders = Readonly<Record<string, () => Promise<SourceHealth>>>;

/** Measures how each source of signals stands. A record that cannot be read is a source that fails, and holds up nobody. */
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
