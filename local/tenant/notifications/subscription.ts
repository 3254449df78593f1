import type { Tenant } from "../tenant.ts";
import { type Change, maySubscribe, type Target } from "./target.ts";

/** A subscription that may be made, if the app's endpoints and the quotas agree. */
export interface WantedSubscription {
  /** As it was sent. */
  readonly resource: string;
  /** Null: accepted although nothing supports it, so it never fires. */
  readonly target: Target | null;
  /** As it was sent, such as `updated,deleted`. */
  readonly changeType: string;
  readonly clientState: string | null;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly latestSupportedTlsVersion: string;
  readonly expiresAt: number;
}

/** A subscription as the tenant keeps it. Its clocks move: when it expires, and until when the app is trusted. */
export interface Subscription extends WantedSubscription {
  readonly id: string;
  readonly applicationId: string;
  /** Base address under which this tenant was called when it was created. */
  readonly authority: string;
  expiresAt: number;
  /** When the access token captured with the last create, PATCH or reauthorize lapses; null: never. */
  authorizedUntil: number | null;
  /** When it was last renewed, and last reauthorized: the two must stay ten minutes apart. */
  renewedAt: number | null;
  reauthorizedAt: number | null;
}

/** `updated,deleted` in any order and case as a sorted list. */
export function changeTypesOf(changeType: string): string[] {
  return changeType
    .split(",")
    .map((type) => type.trim().toLowerCase())
    .sort();
}

export function firesOn({ target, changeType }: Subscription, change: Change): boolean {
  if (target === null || target.kind !== change.kind || !changeTypesOf(changeType).includes(change.changeType)) {
    return false;
  }
  return (target.id === null || target.id === change.id) && (target.part === null || target.part === change.part);
}

/**
 * Why nothing is delivered for it at present; null when something is. Delivery hangs on an access token of about an hour, and on
 * the permission (Graph docs: change-notifications-lifecycle-events).
 */
export function pausedBecause(tenant: Tenant, subscription: Subscription): "tokenLapsed" | "permissionRevoked" | null {
  const { authorizedUntil, target } = subscription;
  if (target !== null && !maySubscribe(target, tenant.settings.permissions)) return "permissionRevoked";
  return authorizedUntil !== null && authorizedUntil <= tenant.clock.now() ? "tokenLapsed" : null;
}

/** Forgets a subscription when its time is over, unless it was renewed meanwhile. */
export function expireWhenDue(tenant: Tenant, subscription: Subscription): void {
  const { expiresAt, id } = subscription;
  tenant.clock.at(expiresAt, () => {
    if (subscription.expiresAt !== expiresAt || tenant.subscriptions.get(id) !== subscription) return;
    tenant.subscriptions.delete(id);
    tenant.history.record({ event: "subscriptionExpired", subscriptionId: id });
  });
}

/** Captures the caller's access token anew, as create, PATCH and reauthorize do. */
export function authorise(tenant: Tenant, subscription: Subscription): void {
  const seconds = tenant.settings.notifications.accessTokenSeconds;
  subscription.authorizedUntil = seconds === null ? null : tenant.clock.now() + seconds * 1000;
}
