import { z } from "zod";
import { denied, GraphRefusal } from "../graph/graph-error.ts";
import type { NotificationSettings } from "./notification-settings.ts";
import { changeTypesOf, type WantedSubscription } from "./subscription.ts";
import { changeTypesFor, maySubscribe, readTarget, type Target } from "./target.ts";

const minute = 60_000;
/** Graph docs: subscription resource, "user, group, other directory resources". */
export const longestLifetimeMs = 41_760 * minute;
/** Anything less is raised to it without a message (same page). */
export const shortestLifetimeMs = 45 * minute;

const bodySchema = z.looseObject({
  resource: z.string().min(1),
  changeType: z.string().min(1),
  notificationUrl: z.string().min(1),
  lifecycleNotificationUrl: z.string().min(1).nullish(),
  clientState: z.string().nullish(),
  expirationDateTime: z.string().min(1),
  latestSupportedTlsVersion: z.enum(["v1_0", "v1_1", "v1_2", "v1_3"]).default("v1_2"),
  includeResourceData: z.boolean().nullish(),
});

/** Reads the body of `POST /subscriptions` by Graph docs: subscription-post-subscriptions; throws what Graph refuses. */
export function readSubscriptionRequest(
  body: unknown,
  { now, settings, permissions }: { now: number; settings: NotificationSettings; permissions: readonly string[] },
): WantedSubscription {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { resource, changeType, clientState, expirationDateTime, latestSupportedTlsVersion } = parsed.data;
  const target = readTarget(resource, settings.offered);
  if (target === null && settings.unsupported === "refuse") {
    throw invalid(`Invalid resource '${resource}': it does not support subscriptions.`);
  }
  if (target !== null) checkChangeTypes(target, changeType);
  if (parsed.data.includeResourceData) throw invalid("Resource data is not supported for this resource.");
  if ((clientState ?? "").length > 128) throw invalid("'clientState' must not be longer than 128 characters.");
  const notificationUrl = checkedUrl(parsed.data.notificationUrl, "notificationUrl");
  const lifecycleUrl = parsed.data.lifecycleNotificationUrl;
  const lifecycleNotificationUrl = lifecycleUrl ? checkedUrl(lifecycleUrl, "lifecycleNotificationUrl") : null;
  const expiresAt = readExpiry(expirationDateTime, { now, settings });
  checkPermission(target, permissions);
  return {
    resource,
    target,
    changeType,
    clientState: clientState ?? null,
    notificationUrl,
    lifecycleNotificationUrl,
    latestSupportedTlsVersion,
    expiresAt,
  };
}

/** When a subscription that asks for `expirationDateTime` really expires. */
export function readExpiry(
  expirationDateTime: string,
  { now, settings }: { now: number; settings: NotificationSettings },
): number {
  const asked = Date.parse(expirationDateTime);
  if (Number.isNaN(asked)) throw invalid("'expirationDateTime' is not a valid date.");
  if (asked <= now) throw invalid("Subscription expiration must be in the future.");
  if (asked > now + longestLifetimeMs && settings.tooLong === "refuse") {
    throw invalid("Subscription expiration can only be 41760 minutes in the future.");
  }
  return Math.min(now + longestLifetimeMs, Math.max(now + shortestLifetimeMs, asked));
}

export function checkPermission(target: Target | null, permissions: readonly string[]): void {
  if (target === null || maySubscribe(target, permissions)) return;
  throw denied();
}

function checkChangeTypes(target: Target, changeType: string): void {
  const unknown = changeTypesOf(changeType).find((type) => !changeTypesFor(target).includes(type));
  if (unknown !== undefined) throw invalid(`Invalid 'changeType' attribute: '${unknown}'.`);
}

/** Graph wants HTTPS. Here it is loopback that is wanted: the simulator never calls another machine. */
function checkedUrl(text: string, name: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    return text;
  }
  throw invalid(`Invalid '${name}': the simulator only calls this machine.`);
}

function invalid(message: string): GraphRefusal {
  return new GraphRefusal(400, "InvalidRequest", message);
}
