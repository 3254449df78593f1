import { isoMilliseconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import { collectionText } from "./body.ts";
import { callEndpoint } from "./call-endpoint.ts";
import type { Notification } from "./deliveries.ts";
import { createEndpointHealth, type EndpointHealth, windowMs } from "./endpoint-health.ts";
import { pausedBecause } from "./subscription.ts";
import { signValidationToken } from "./validation-token.ts";

/** Notifications that travel, wait and are tried again together. */
interface Collection {
  readonly url: string;
  readonly applicationId: string;
  readonly notifications: readonly Notification[];
  readonly firstTriedAt: number;
  /** Failed attempts so far. */
  readonly failures: number;
  /** Held back once because the endpoint was slow. */
  readonly delayed: boolean;
}

/** Puts a notification into the next request to its endpoint: many travel in one, for several subscriptions of one app. */
export function deliver(tenant: Tenant, notification: Notification): void {
  const { applicationId } = notification.subscription;
  const url = urlFor(notification);
  const key = `${applicationId} ${url}`;
  const { waiting } = tenant.deliveries;
  const there = waiting.get(key);
  if (there !== undefined) {
    there.push(notification);
    return;
  }
  waiting.set(key, [notification]);
  const { batchMs } = tenant.settings.notifications;
  tenant.clock.at(tenant.clock.now() + batchMs, () => {
    const together = waiting.get(key) ?? [];
    waiting.delete(key);
    const { largestBatch, reorderMs } = tenant.settings.notifications;
    const ordered = reorderMs > 0 ? tenant.random.shuffled(together) : together;
    for (let start = 0; start < ordered.length; start += largestBatch) {
      const notifications = ordered.slice(start, start + largestBatch);
      const firstTriedAt = tenant.clock.now();
      attempt(tenant, { url, applicationId, notifications, firstTriedAt, failures: 0, delayed: false });
    }
  });
}

/** Graph docs: change-notifications-delivery-webhooks: 3 s for the first attempt, 10 s for each retry, for up to four hours. */
function attempt(tenant: Tenant, collection: Collection): void {
  const now = tenant.clock.now();
  const open = setAside(tenant, collection);
  if (open.notifications.length === 0) return;
  const health = healthOf(tenant, open.url);
  const state = health.state(now);
  if (state === "drop") {
    drop(tenant, open.notifications, "endpointDropped");
  } else if (state === "slow" && open.failures === 0 && !open.delayed) {
    tenant.clock.at(now + windowMs, () => attempt(tenant, { ...open, delayed: true }));
  } else {
    void send(tenant, open, health);
  }
}

/** Takes out what is not to be sent now: what nobody subscribes to any more, and what waits for the app to be trusted again. */
function setAside(tenant: Tenant, collection: Collection): Collection {
  const isGone = ({ subscription, kind }: Notification) =>
    kind === "change" && tenant.subscriptions.get(subscription.id) !== subscription;
  // The challenge itself must get through while delivery pauses.
  const isPaused = ({ subscription, kind }: Notification) =>
    kind === "change" && pausedBecause(tenant, subscription) !== null;
  const gone = collection.notifications.filter(isGone);
  const paused = collection.notifications.filter((one) => !isGone(one) && isPaused(one));
  drop(tenant, gone, "subscriptionGone");
  if (paused.length > 0) {
    for (const { number, subscription } of paused) {
      const reason = pausedBecause(tenant, subscription) ?? "tokenLapsed";
      tenant.history.record({
        event: "notificationPaused",
        notification: number,
        subscriptionId: subscription.id,
        reason,
      });
    }
    tryAgain(tenant, { ...collection, notifications: paused });
  }
  return { ...collection, notifications: collection.notifications.filter((one) => !isGone(one) && !isPaused(one)) };
}

async function send(tenant: Tenant, collection: Collection, health: EndpointHealth): Promise<void> {
  const { url, notifications, failures } = collection;
  const { firstAttemptMs, retryAttemptMs } = tenant.settings.notifications;
  const { stopped } = tenant.deliveries;
  const answer = await callEndpoint(url, {
    contentType: "application/json",
    body: collectionText(
      notifications.map(({ body }) => body),
      await tokensFor(tenant, notifications),
    ),
    withinMs: failures === 0 ? firstAttemptMs : retryAttemptMs,
    signal: stopped,
  });
  if (stopped.aborted) return;
  const { status, problem, tookMs } = answer;
  const about = {
    url,
    kind: notifications[0]?.kind ?? "change",
    attempt: failures + 1,
    notifications: notifications.map(({ number }) => number),
    subscriptionIds: notifications.map(({ subscription }) => subscription.id),
    status,
    tookMs: Math.round(tookMs),
  };
  const isTaken = status >= 200 && status < 300;
  if (isTaken) tenant.history.record({ event: "notificationDelivered", ...about });
  else tenant.history.record({ event: "notificationRefused", ...about, reason: problem ?? "status" });
  const now = tenant.clock.now();
  const state = health.note(now, tookMs);
  if (state !== null) {
    const until = isoMilliseconds(now + windowMs);
    tenant.history.record({ event: "endpointThrottled", endpoint: new URL(url).origin, state, until });
  }
  if (!isTaken) tryAgain(tenant, collection);
}

async function tokensFor(tenant: Tenant, [first]: readonly Notification[]): Promise<string[]> {
  const { validationTokens: version } = tenant.settings.notifications;
  if (first === undefined || first.kind === "lifecycle" || version === "none") return [];
  return [await signValidationToken(tenant, first.subscription, version)];
}

/** Waits twice as long each time, and gives up when the next try would be too late. */
function tryAgain(tenant: Tenant, collection: Collection): void {
  const { firstRetryMs, retryForMs } = tenant.settings.notifications;
  const { failures, firstTriedAt, notifications } = collection;
  const at = tenant.clock.now() + firstRetryMs * 2 ** failures;
  if (at > firstTriedAt + retryForMs) drop(tenant, notifications, "retriesExhausted");
  else tenant.clock.at(at, () => attempt(tenant, { ...collection, failures: failures + 1 }));
}

function drop(
  tenant: Tenant,
  notifications: readonly Notification[],
  reason: "endpointDropped" | "subscriptionGone" | "retriesExhausted",
): void {
  for (const { number, subscription } of notifications) {
    const subscriptionId = subscription.id;
    tenant.history.record({ event: "notificationDropped", notification: number, subscriptionId, reason });
  }
}

function urlFor({ kind, subscription }: Notification): string {
  const { notificationUrl, lifecycleNotificationUrl } = subscription;
  return kind === "lifecycle" ? (lifecycleNotificationUrl ?? notificationUrl) : notificationUrl;
}

function healthOf(tenant: Tenant, url: string): EndpointHealth {
  const { origin } = new URL(url);
  const { health } = tenant.deliveries;
  const known = health.get(origin);
  if (known !== undefined) return known;
  const fresh = createEndpointHealth(() => {
    const { throttleAfter, firstAttemptMs, retryAttemptMs } = tenant.settings.notifications;
    return { minimum: throttleAfter, slowMs: firstAttemptMs, dropMs: retryAttemptMs };
  });
  health.set(origin, fresh);
  return fresh;
}
