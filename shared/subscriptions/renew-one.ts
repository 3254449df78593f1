import { isGraphError } from "../graph/graph-errors.ts";
import { tellFailure } from "../notifications/create-and-renew.ts";
import type { KeeperDependencies } from "../notifications/keep-subscriptions.ts";
import { type SubscriptionRecord, saveSubscription } from "../notifications/subscription-record.ts";
import type { Wanted } from "./catalogue.ts";
import { afterFailure } from "./failure.ts";

/** Renews one subscription and records it. False when Graph does not know it any more: then it has to be created anew. */
export async function renewOne(
  { lifetime }: Wanted,
  record: SubscriptionRecord,
  dependencies: KeeperDependencies,
): Promise<boolean> {
  const { graph, graphClock, state, telemetry, timings } = dependencies;
  const { id, resource } = record;
  if (id === null) return false;
  try {
    const renewed = await graph.renewSubscription(id, graphClock.now() + lifetime);
    if (renewed === null) {
      telemetry.event("subscriptionLost", { subscriptionId: id, resource });
      return false;
    }
    const renewedAt = graphClock.now();
    await saveSubscription(state, { ...record, expiresAt: renewed.expiresAt, renewedAt, failure: null, tryAt: null });
    telemetry.event("subscriptionRenewed", { subscriptionId: id, resource });
    return true;
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { status, code } = error;
    const failed = afterFailure(record, { status, code }, graphClock.now(), timings);
    await saveSubscription(state, failed);
    tellFailure(record, failed, status, dependencies);
    // It may well live on: it is renewed later.
    return true;
  }
}
