import type { Tenant } from "../tenant.ts";
import { publishLifecycle } from "./publish.ts";
import { pausedBecause, type Subscription } from "./subscription.ts";

/** Graph docs: change-notifications-lifecycle-events, whose sample code asks every 15 minutes when little time is left. */
const longestLeadMs = 15 * 60_000;

/**
 * Asks the app for a new authorisation a quarter of an hour (of a short life: its last quarter) before its access token lapses or
 * its subscription expires, and once more at the end; then it stops asking. Call it again after a PATCH or a reauthorize.
 */
export function challengeWhenDue(tenant: Tenant, subscription: Subscription): void {
  const { expiresAt, authorizedUntil } = subscription;
  const isSame = () =>
    tenant.subscriptions.get(subscription.id) === subscription &&
    subscription.expiresAt === expiresAt &&
    subscription.authorizedUntil === authorizedUntil;
  const endsAt = Math.min(expiresAt, authorizedUntil ?? Number.POSITIVE_INFINITY);
  const leadMs = Math.min(longestLeadMs, (endsAt - tenant.clock.now()) / 4);
  for (const time of [endsAt - leadMs, endsAt]) {
    tenant.clock.at(time, () => {
      if (isSame()) publishLifecycle(tenant, subscription, "reauthorizationRequired");
    });
  }
}

/** Asks at once where an administrator has taken away the permission (same page). */
export function challengeRevoked(tenant: Tenant): void {
  for (const subscription of tenant.subscriptions.values()) {
    if (pausedBecause(tenant, subscription) !== "permissionRevoked") continue;
    publishLifecycle(tenant, subscription, "reauthorizationRequired");
  }
}
