import { randomBytes } from "node:crypto";
import { isoFraction, isoMilliseconds } from "../iso-time.ts";
import { publishLifecycle } from "../notifications/publish.ts";
import type { Subscription } from "../notifications/subscription.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import * as messages from "./messages.ts";
import { type ControlRoute, route } from "./route.ts";

/** Further apps, and what happens to subscriptions behind their owners' backs. */
export const subscriptionRoutes: readonly ControlRoute[] = [
  route("POST", /^\/apps$/, messages.appSchema, ({ tenant }, body) => {
    const appId = body.id ?? tenant.random.guid();
    const identityHeader = randomBytes(16).toString("hex");
    tenant.apps.set(identityHeader, appId);
    return { appId, identityHeader };
  }),
  route("GET", /^\/subscriptions$/, messages.emptySchema, ({ tenant }) => ({
    subscriptions: [...tenant.subscriptions.values()].map(({ expiresAt, authorizedUntil, target, ...plain }) => ({
      ...plain,
      expirationDateTime: isoFraction(expiresAt, 7),
      authorizedUntil: authorizedUntil === null ? null : isoMilliseconds(authorizedUntil),
    })),
  })),
  route("DELETE", /^\/subscriptions\/([^/]+)$/, messages.emptySchema, ({ tenant, params: [id = ""] }) => {
    tenant.subscriptions.delete(subscriptionById(tenant, id).id);
    tenant.history.record({ event: "subscriptionLost", subscriptionId: id });
  }),
  route(
    "POST",
    /^\/subscriptions\/([^/]+)\/lifecycle$/,
    messages.lifecycleSchema,
    ({ tenant, params: [id = ""] }, body) => {
      const subscription = subscriptionById(tenant, id);
      if (subscription.lifecycleNotificationUrl === null) {
        throw new Refusal(400, "NoLifecycleUrl", "the subscription has no URL for lifecycle notifications");
      }
      if (body.lifecycleEvent === "subscriptionRemoved") tenant.subscriptions.delete(id);
      publishLifecycle(tenant, subscription, body.lifecycleEvent);
    },
  ),
  route("POST", /^\/publisher-keys\/rotate$/, messages.emptySchema, ({ tenant }) =>
    tenant.identity.publisherKeys.rotate(),
  ),
];

function subscriptionById(tenant: Tenant, id: string): Subscription {
  const subscription = tenant.subscriptions.get(id);
  if (subscription === undefined) throw new Refusal(404, "NoSuchSubscription", `there is no subscription ${id}`);
  return subscription;
}
