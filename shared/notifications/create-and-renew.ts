import type { Clock } from "../base/clock.ts";
import type { DerivedKeys } from "../base/keys.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Created, GraphClock, SubscriptionGraph } from "../graph/graph.ts";
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

/** `full`: no further one of this kind in this run, since Graph wants none or cannot be reached. */
type CreateResult = "created" | "refused" | "full";

/** Creates one subscription and records what came of it. */
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
 * Asks for it, and once more when a stray of ours is in the way (409), or when the answer may come from a cold start of our own endpoint,
 * which fails Graph's validation (400).
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

/** Deletes what stands in the way if it is ours: recorded, or sending to our own address. Resolves to whether there was any. */
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

/** What changed while there was no subscription led to no notification: the group gets one pass. */
async function reportCreated(
  { id, resource, groupId, expiresAt }: SubscriptionRecord,
  { signals, telemetry }: KeeperDependencies,
): Promise<void> {
  const expiry = expiresAt === null ? null : new Date(expiresAt).toISOString();
  telemetry.event("subscriptionCreated", { subscriptionId: id, resource, expiresAt: expiry });
  if (groupId !== null) await signals.send(toMessage({ principalId: groupId, because: "resync", tries: 0 }), 0);
}

/** A probe that is not offered is no failure; a refusal needs a person; the rest is tried again. */
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
    reportFailure(record, failed, status, dependencies);
    // It may well live on: it is renewed later.
    return true;
  }
}

/** Where the functions of these routes answer. `baseUrl`: the app's origin, without a slash at the end. */
export const endpointsAt = (baseUrl: string): Endpoints => ({
  notificationUrl: `${baseUrl}/api/graph/notifications`,
  lifecycleUrl: `${baseUrl}/api/graph/lifecycle`,
});

/** Graph gives a validation ten seconds (Graph docs: change notifications delivery by webhooks): so do we. */
const longest = 10_000;

/**
 * Asks the app's own address for a validation, as Graph will: a cold start then happens before Graph's ten seconds begin. Whether it works
 * shows when Graph asks.
 */
export const createWarmUp = (fetch: Fetch) => async (notificationUrl: string) => {
  try {
    const url = `${notificationUrl}?validationToken=warm-up`;
    const response = await fetch(url, { method: "POST", redirect: "manual", signal: AbortSignal.timeout(longest) });
    await response.body?.cancel();
  } catch {
    // Some networks let nobody out to themselves: then Graph's own validation shows.
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
  /** Null: subscriptions are switched off, and what is ours goes. */
  readonly endpoints: Endpoints | null;
  readonly beyondQuota: "poll" | "allGroups";
  /** Null: no group is watched. */
  readonly watched: WatchedGroups | null;
  /** The tenant, where a setting names it. */
  readonly tenantId: string | null;
  /** Makes the app's own endpoint answer once, since a cold one fails Graph's validation. Never throws. */
  readonly warmUp: (notificationUrl: string) => Promise<void>;
  readonly timings: SubscriptionTimings;
}
