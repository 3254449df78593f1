import type { Tenant } from "../tenant.ts";
import { changeNotification, lifecycleNotification } from "./body.ts";
import { deliver } from "./deliver.ts";
import type { Notification } from "./deliveries.ts";
import { firesOn, type Subscription } from "./subscription.ts";
import type { Change } from "./target.ts";

export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

/** Notifies every subscription that the change concerns, after the delay, in as many copies and as reliably as the settings say. */
export function publishChange(tenant: Tenant, change: Change): void {
  const { delayMs, reorderMs, copies, lostShare } = tenant.settings.notifications;
  for (const subscription of tenant.subscriptions.values()) {
    if (!firesOn(subscription, change)) continue;
    const notification = numbered(tenant, subscription, "change", changeNotification(tenant, subscription, change));
    const { id: subscriptionId, resource } = subscription;
    const { changeType } = change;
    const { number } = notification;
    tenant.history.record({
      event: "notificationCreated",
      notification: number,
      subscriptionId,
      resource,
      changeType,
      objectId: change.id,
    });
    if (tenant.random.next() < lostShare) {
      tenant.history.record({ event: "notificationDropped", notification: number, subscriptionId, reason: "lost" });
      continue;
    }
    for (let copy = 0; copy < copies; copy += 1) {
      const at = tenant.clock.now() + delayMs + tenant.random.next() * reorderMs;
      tenant.clock.at(at, () => deliver(tenant, notification));
    }
  }
}

/** Sends a lifecycle notification now, if the subscription has a URL for them. */
export function publishLifecycle(tenant: Tenant, subscription: Subscription, lifecycleEvent: LifecycleEvent): void {
  if (subscription.lifecycleNotificationUrl === null) return;
  const body = lifecycleNotification(tenant, subscription, lifecycleEvent);
  const notification = numbered(tenant, subscription, "lifecycle", body);
  const { number } = notification;
  const subscriptionId = subscription.id;
  tenant.history.record({ event: "lifecycleCreated", notification: number, subscriptionId, lifecycleEvent });
  deliver(tenant, notification);
}

function numbered(
  { deliveries }: Tenant,
  subscription: Subscription,
  kind: Notification["kind"],
  body: object,
): Notification {
  deliveries.lastNumber += 1;
  return { number: deliveries.lastNumber, subscription, kind, body };
}
