import type { Clock } from "../base/clock.ts";
import type { DerivedKeys } from "../base/keys.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Created, SubscriptionGraph } from "../graph/graph.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
import { endpoints as calls } from "../graph/permissions.ts";
import type { Fetch } from "../graph/send.ts";
import type { WatchedGroups } from "../reconcile/dependencies.ts";
import { toMessage } from "../reconcile/messages.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { clientState, markOf } from "./authenticate.ts";
import { type Endpoints, isOurs, isSameResource, type Wanted } from "./plan.ts";
import {
  afterFailure,
  isNews,
  loadSubscriptions,
  type SubscriptionRecord,
  type SubscriptionTimings,
  saveSubscription,
} from "./subscription-record.ts";

/** `full`: this run creates no more subscriptions of this kind, since Graph refuses them or cannot be reached. */
type CreateResult = "created" | "refused" | "full";

/** Creates one subscription and records the result. @throws the errors of storage */
export async function createOne(
  wanted: Wanted,
  before: SubscriptionRecord | null,
  endpoints: Endpoints,
  dependencies: KeeperDependencies,
): Promise<CreateResult> {
  const { graph, graphClock, state, keys, newId, timings } = dependencies;
  const { lifetime, ...facts } = wanted;
  const nonce = newId();
  const record: SubscriptionRecord = {
    ...facts,
    ...endpoints,
    id: null,
    nonce,
    mark: markOf(keys.current, { resource: wanted.resource, nonce }),
    expiresAt: null,
    renewedAt: null,
    tenantId: dependencies.tenantId ?? (await graph.ownTenant()),
    applicationId: null,
    failure: before?.failure ?? null,
    tryAt: null,
  };
  const answer = await wish(record, lifetime, dependencies);
  if (answer.kind === "created") {
    const { id, expiresAt, applicationId } = answer.subscription;
    const renewedAt = graphClock.now();
    const created = { ...record, id, expiresAt, applicationId, renewedAt, failure: null };
    await saveSubscription(state, created);
    await reportCreated(created, dependencies);
    return "created";
  }
  const failed = afterFailure(record, answer, graphClock.now(), timings);
  await saveSubscription(state, failed);
  reportFailure(before, failed, answer.status, dependencies);
  return answer.status === undefined || answer.status === 403 || answer.status === 429 ? "full" : "refused";
}

type Answer =
  | Extract<Created, { kind: "created" }>
  | { readonly kind: "failed"; readonly status?: number | undefined; readonly code: string };

/**
 * Asks Graph for the subscription. Tries once more when a leftover subscription of ours is in the way (409), or when a cold start of our own
 * endpoint may have failed Graph's validation (400).
 */
async function wish(record: SubscriptionRecord, lifetime: number, dependencies: KeeperDependencies): Promise<Answer> {
  const { graph, graphClock, keys, warmUp } = dependencies;
  const { resource, changeType, notificationUrl, lifecycleUrl } = record;
  const ask = () =>
    graph.createSubscription({
      resource,
      changeType,
      notificationUrl,
      lifecycleUrl,
      clientState: clientState(keys.current, record),
      expiresAt: graphClock.now() + lifetime,
    });
  try {
    let answer = await ask();
    if (answer.kind === "refused" && answer.status === 409 && (await removeOurs(record, dependencies))) {
      answer = await ask();
    } else if (answer.kind === "refused" && answer.status === 400) {
      await warmUp(notificationUrl);
      answer = await ask();
    }
    return answer.kind === "created" ? answer : { ...answer, kind: "failed" };
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return { kind: "failed", status: error.status, code: error.code };
  }
}

/** Deletes our own subscriptions to this resource: those recorded, or sending to our address. Resolves to whether there were any. */
async function removeOurs({ resource }: SubscriptionRecord, dependencies: KeeperDependencies): Promise<boolean> {
  const { graph, graphClock, state, endpoints } = dependencies;
  const listed = await graph.listSubscriptions();
  graphClock.observe(listed);
  const recorded = [...(await loadSubscriptions(state)).values()].map(({ id }) => id);
  const inTheWay = listed.value.filter((other) => isSameResource(other.resource, resource));
  const ours = inTheWay.filter(
    ({ id, notificationUrl }) => recorded.includes(id) || isOurs(notificationUrl, endpoints),
  );
  for (const { id } of ours) await graph.deleteSubscription(id);
  return ours.length > 0;
}

/** A change before the subscription existed led to no notification, so the group gets one pass. */
async function reportCreated(
  { id, resource, groupId, expiresAt }: SubscriptionRecord,
  { signals, telemetry }: KeeperDependencies,
): Promise<void> {
  const expiry = expiresAt === null ? null : new Date(expiresAt).toISOString();
  telemetry.event("subscriptionCreated", { subscriptionId: id, resource, expiresAt: expiry });
  if (groupId !== null) await signals.send(toMessage({ principalId: groupId, because: "resync", tries: 0 }), 0);
}

/** A probe for an unsupported resource is no failure. A refusal raises an alarm, since it needs an administrator. Other failures are tried again. */
function reportFailure(
  before: SubscriptionRecord | null,
  failed: SubscriptionRecord,
  status: number | undefined,
  { telemetry }: KeeperDependencies,
): void {
  const { resource, failure } = failed;
  if (failure === null || !isNews(before, failed)) return;
  const properties = { resource, code: failure.code, status: status ?? null };
  if (failure.unsupported) telemetry.event("subscriptionUnsupported", properties);
  else if (status === 403 || status === 409) {
    telemetry.alarm("subscriptionRefused", { ...properties, needed: calls.createSubscription.permissions[0].name });
  } else telemetry.event("subscriptionFailed", properties);
}

/** Renews one subscription and records the result. Resolves to false when Graph no longer knows it: the caller must create it anew. */
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
    reportFailure(record, failed, status, dependencies);
    // The subscription may still exist, so a later run tries to renew it.
    return true;
  }
}

/** The addresses of the app's two notification endpoints. `baseUrl`: the app's origin, without a slash at the end. */
export const endpointsAt = (baseUrl: string): Endpoints => ({
  notificationUrl: `${baseUrl}/api/graph/notifications`,
  lifecycleUrl: `${baseUrl}/api/graph/lifecycle`,
});

/** Milliseconds. Graph waits ten seconds for a validation (Graph docs: change notifications delivery by webhooks), and so does the app. */
const longest = 10_000;

/**
 * Sends the app's own endpoint a validation request as Graph will, so that a cold start happens before Graph's ten seconds begin. A failure is
 * ignored: Graph's own validation decides.
 */
export const createWarmUp = (fetch: Fetch) => async (notificationUrl: string) => {
  try {
    const url = `${notificationUrl}?validationToken=warm-up`;
    const response = await fetch(url, { method: "POST", redirect: "manual", signal: AbortSignal.timeout(longest) });
    await response.body?.cancel();
  } catch {
    // Some networks do not let an app reach its own address. Graph's own validation decides.
  }
};

export interface KeeperDependencies {
  readonly graph: SubscriptionGraph;
  readonly graphClock: GraphClock;
  readonly principals: Table;
  readonly state: Table;
  readonly signals: Queue;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly telemetry: Telemetry;
  readonly keys: DerivedKeys;
  /** Null: subscriptions are switched off, and the app's existing ones are deleted. */
  readonly endpoints: Endpoints | null;
  readonly beyondQuota: "poll" | "allGroups";
  /** Null: no group is watched. */
  readonly watched: WatchedGroups | null;
  /** The tenant id from the settings; null when they do not name it. */
  readonly tenantId: string | null;
  /** Makes the app's own endpoint answer once, since a cold start can fail Graph's validation. Never throws. */
  readonly warmUp: (notificationUrl: string) => Promise<void>;
  readonly timings: SubscriptionTimings;
}
