import { type Answer, ok } from "../http/answer.ts";
import { jsonOf } from "../http/call.ts";
import { isoFraction } from "../iso-time.ts";
import { challengeWhenDue } from "../notifications/challenge.ts";
import {
  authorise,
  changeTypesOf,
  expireWhenDue,
  type Subscription,
  type WantedSubscription,
} from "../notifications/subscription.ts";
import { checkPermission, readExpiry, readSubscriptionRequest } from "../notifications/subscription-request.ts";
import { validateEndpoint } from "../notifications/validate-endpoint.ts";
import type { Tenant } from "../tenant.ts";
import type { GraphContext, GraphEndpoint } from "./endpoint.ts";
import { badRequest, GraphRefusal } from "./graph-error.ts";
import type { Row } from "./odata.ts";
import { metadata, page } from "./page.ts";

/** No document gives subscriptions a number among the throttling limits. */
const cost = { units: 1, writes: 0 };
/** Which permission it takes hangs on the resource: see `checkPermission`. */
const permissions = [[]];
const onePath = /^\/subscriptions\/([^/]+)$/i;

/** Graph docs: subscription-post-subscriptions. */
export const createSubscription: GraphEndpoint = {
  method: "POST",
  path: /^\/subscriptions$/i,
  permissions,
  cost,
  async handle(context) {
    try {
      const subscription = await create(context);
      const row = { "@odata.context": metadata(context.call.url, "subscriptions/$entity"), ...rowOf(subscription) };
      return { status: 201, headers: {}, body: row };
    } catch (error) {
      if (error instanceof GraphRefusal) {
        const { status, code } = error;
        const { appId: applicationId } = context.app;
        const resource = resourceIn(context.call.text);
        context.tenant.history.record({ event: "subscriptionRefused", applicationId, resource, status, code });
      }
      throw error;
    }
  },
};

/** Graph docs: subscription-list: an app sees its own, and never their client state. What one sees that has lost the permission it does not say. */
export const listSubscriptions: GraphEndpoint = {
  method: "GET",
  path: /^\/subscriptions$/i,
  permissions,
  cost,
  handle(context) {
    const { tenant, app, call } = context;
    // The same page: no OData parameters but those of its own links.
    if (call.url.searchParams.has("$select")) throw badRequest("The query specified in the URI is not valid.");
    const own = [...tenant.subscriptions.values()].filter(({ applicationId }) => applicationId === app.appId);
    return page(
      context,
      "subscriptions",
      own.map((subscription) => ({ ...rowOf(subscription), clientState: null })),
    );
  },
};

/** Graph docs: subscription-get. */
export const getSubscription: GraphEndpoint = {
  method: "GET",
  path: onePath,
  permissions,
  cost,
  handle(context) {
    const row = { ...rowOf(subscriptionIn(context)), clientState: null };
    return ok({ "@odata.context": metadata(context.call.url, "subscriptions/$entity"), ...row });
  },
};

/** Graph docs: subscription-update. Only the expiry moves; it reauthorizes as well. */
export const renewSubscription: GraphEndpoint = {
  method: "PATCH",
  path: onePath,
  permissions,
  cost,
  handle(context) {
    const { tenant, call } = context;
    const subscription = subscriptionIn(context);
    const { expirationDateTime, ...rest } = asRow(jsonOf(call.text));
    if (typeof expirationDateTime !== "string" || Object.keys(rest).length > 0) {
      throw new GraphRefusal(400, "InvalidRequest", "Only 'expirationDateTime' can be updated.");
    }
    checkPermission(subscription.target, context.permissions);
    const now = tenant.clock.now();
    subscription.expiresAt = readExpiry(expirationDateTime, { now, settings: tenant.settings.notifications });
    subscription.renewedAt = now;
    trustAgain(tenant, subscription, "subscriptionRenewed");
    expireWhenDue(tenant, subscription);
    return ok({ "@odata.context": metadata(call.url, "subscriptions/$entity"), ...rowOf(subscription) });
  },
};

/** Graph docs: subscription-reauthorize. The expiry stays. */
export const reauthorizeSubscription: GraphEndpoint = {
  method: "POST",
  path: /^\/subscriptions\/([^/]+)\/reauthorize$/i,
  permissions,
  cost,
  handle(context) {
    const { tenant } = context;
    const subscription = subscriptionIn(context);
    checkPermission(subscription.target, context.permissions);
    subscription.reauthorizedAt = tenant.clock.now();
    trustAgain(tenant, subscription, "subscriptionReauthorized");
    return { status: 204, headers: {} };
  },
};

/** Graph docs: subscription-delete, which names the permission that creating it takes. */
export const deleteSubscription: GraphEndpoint = {
  method: "DELETE",
  path: onePath,
  permissions,
  cost,
  handle(context) {
    const { id, target } = subscriptionIn(context);
    checkPermission(target, context.permissions);
    context.tenant.subscriptions.delete(id);
    context.tenant.history.record({ event: "subscriptionDeleted", subscriptionId: id });
    return { status: 204, headers: {} } satisfies Answer;
  },
};

async function create({ tenant, call, app, permissions }: GraphContext): Promise<Subscription> {
  const now = tenant.clock.now();
  const settings = tenant.settings.notifications;
  const wanted = readSubscriptionRequest(jsonOf(call.text), { now, settings, permissions });
  const { target, notificationUrl, lifecycleNotificationUrl } = wanted;
  if (target?.kind === "groups" && target.id !== null && !tenant.groups.primary.has(target.id)) {
    throw new GraphRefusal(404, "ResourceNotFound", `The resource '${wanted.resource}' was not found.`);
  }
  checkRoom(tenant, app.appId, wanted);
  await validateEndpoint(tenant, notificationUrl);
  if (lifecycleNotificationUrl !== null) await validateEndpoint(tenant, lifecycleNotificationUrl);
  // Somebody may have been quicker while the endpoints were asked.
  checkRoom(tenant, app.appId, wanted);
  const subscription: Subscription = {
    ...wanted,
    id: tenant.random.guid(),
    applicationId: app.appId,
    authority: call.url.origin,
    authorizedUntil: null,
    renewedAt: null,
    reauthorizedAt: null,
  };
  tenant.subscriptions.set(subscription.id, subscription);
  const { id: subscriptionId, applicationId, resource, changeType, expiresAt } = subscription;
  const expirationDateTime = isoFraction(expiresAt, 7);
  const made = { subscriptionId, applicationId, resource, changeType, notificationUrl, expirationDateTime };
  tenant.history.record({ event: "subscriptionCreated", ...made });
  authorise(tenant, subscription);
  expireWhenDue(tenant, subscription);
  challengeWhenDue(tenant, subscription);
  return subscription;
}

/** Quotas of Graph docs: change-notifications-overview; the wording of the duplicate is that of subscription-post-subscriptions. */
function checkRoom(tenant: Tenant, appId: string, { resource, changeType }: WantedSubscription): void {
  const all = [...tenant.subscriptions.values()];
  const own = all.filter(({ applicationId }) => applicationId === appId);
  const combination = (resource: string, changeType: string) =>
    `${resource.replace(/^\//, "").toLowerCase()} ${changeTypesOf(changeType)}`;
  const wanted = combination(resource, changeType);
  const there = own.find((other) => combination(other.resource, other.changeType) === wanted);
  if (there !== undefined) {
    const message = `Subscription Id ${there.id} already exists for the requested combination`;
    throw new GraphRefusal(409, "Conflict", message);
  }
  const { subscriptionsPerApp, subscriptionsPerTenant } = tenant.settings.notifications;
  if (own.length >= subscriptionsPerApp) throw overQuota(`${subscriptionsPerApp} per application and tenant`);
  if (all.length >= subscriptionsPerTenant) throw overQuota(`${subscriptionsPerTenant} per tenant`);
}

function overQuota(limit: string): GraphRefusal {
  return new GraphRefusal(403, "Forbidden", `The maximum number of subscriptions, ${limit}, has been reached.`);
}

function trustAgain(
  tenant: Tenant,
  subscription: Subscription,
  event: "subscriptionRenewed" | "subscriptionReauthorized",
): void {
  const { id: subscriptionId, renewedAt, reauthorizedAt } = subscription;
  // Graph docs: change-notifications-lifecycle-events forbid both within ten minutes; what follows from it they do not say.
  const tooSoon = renewedAt !== null && reauthorizedAt !== null && Math.abs(renewedAt - reauthorizedAt) < 600_000;
  const expirationDateTime = isoFraction(subscription.expiresAt, 7);
  tenant.history.record({ event, subscriptionId, expirationDateTime, tooSoon });
  authorise(tenant, subscription);
  challengeWhenDue(tenant, subscription);
}

/** The app's own subscription; those of other apps are not there for it. */
function subscriptionIn({ tenant, app, params: [id = ""] }: GraphContext): Subscription {
  const subscription = tenant.subscriptions.get(id.toLowerCase());
  if (subscription === undefined || subscription.applicationId !== app.appId) {
    throw new GraphRefusal(404, "ResourceNotFound", "The object was not found.");
  }
  return subscription;
}

function rowOf(subscription: Subscription): Row {
  return {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: subscription.applicationId,
    changeType: subscription.changeType,
    clientState: subscription.clientState,
    notificationUrl: subscription.notificationUrl,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
    expirationDateTime: isoFraction(subscription.expiresAt, 7),
    creatorId: subscription.applicationId,
    includeResourceData: null,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: null,
    notificationContentType: "application/json",
  };
}

function asRow(value: unknown): Row {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function resourceIn(text: string): string {
  const { resource } = asRow(jsonOf(text));
  return typeof resource === "string" ? resource : "";
}
