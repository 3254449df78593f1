import type { GraphSubscription } from "../graph/subscription-graph.ts";
import type { Wanted } from "../subscriptions/catalogue.ts";
import type { SubscriptionTimings } from "../subscriptions/subscription-timings.ts";
import type { SubscriptionRecord } from "./subscription-record.ts";

/** Where Graph is to send to. */
export interface Endpoints {
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
}

export type Step =
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "renew"; readonly wanted: Wanted; readonly record: SubscriptionRecord }
  | { readonly kind: "create"; readonly wanted: Wanted; readonly record: SubscriptionRecord | null }
  | { readonly kind: "forget"; readonly resource: string };

export interface Situation {
  /** In the order in which they are to be created. */
  readonly wanted: readonly Wanted[];
  readonly records: ReadonlyMap<string, SubscriptionRecord>;
  /** What Graph lists: ours, and those of other deployments that share our identity. */
  readonly listed: readonly GraphSubscription[];
  /** Null: nothing is wanted, and only what is recorded can be ours. */
  readonly endpoints: Endpoints | null;
  /** The mark of a record's client state by the current secret. */
  readonly markOf: (record: SubscriptionRecord) => string;
  /** Ids that a lifecycle notification was about. */
  readonly asked: ReadonlySet<string>;
  /** Graph's time. */
  readonly now: number;
}

/**
 * What has to be done so that exactly the wanted subscriptions exist, in this order. Ours is what we have a record of, or what sends to our
 * own address; nothing else is ever touched. A list may lag: what it does not show is renewed, and only Graph's 404 to that proves it lost.
 * Pure.
 */
export function planSubscriptions(situation: Situation, timings: SubscriptionTimings): readonly Step[] {
  const { wanted, records, listed, endpoints } = situation;
  const isWanted = new Set(wanted.map(({ resource }) => resource));
  const recorded = new Set([...records.values()].map(({ id }) => id));
  const strays = listed.filter(({ id, notificationUrl }) => !recorded.has(id) && isOurs(notificationUrl, endpoints));
  const unwanted = [...records.values()].filter(({ resource }) => !isWanted.has(resource));
  return [
    ...strays.map(({ id }): Step => ({ kind: "delete", id })),
    ...unwanted.flatMap(({ id, resource }): Step[] => [
      ...(id === null ? [] : [{ kind: "delete" as const, id }]),
      { kind: "forget", resource },
    ]),
    ...wanted.flatMap((one) => stepsFor(one, records.get(one.resource) ?? null, situation, timings)),
  ];
}

export const isOurs = (notificationUrl: string | null, endpoints: Endpoints | null): boolean =>
  endpoints !== null && URL.parse(notificationUrl ?? "")?.href === new URL(endpoints.notificationUrl).href;

function stepsFor(
  wanted: Wanted,
  record: SubscriptionRecord | null,
  { listed, endpoints, markOf, asked, now }: Situation,
  timings: SubscriptionTimings,
): readonly Step[] {
  if (record === null) return [{ kind: "create", wanted, record }];
  const { id, renewedAt, tryAt } = record;
  const mayTry = tryAt === null || now >= tryAt;
  if (id === null) return mayTry ? [{ kind: "create", wanted, record }] : [];
  const isChanged =
    record.changeType !== wanted.changeType ||
    record.notificationUrl !== endpoints?.notificationUrl ||
    record.lifecycleUrl !== endpoints.lifecycleUrl ||
    record.mark !== markOf(record);
  // The lifecycle address cannot be changed later, nor can the client state (Graph docs: subscription lifecycle events, Update subscription).
  if (isChanged) {
    return [
      { kind: "delete", id },
      { kind: "create", wanted, record },
    ];
  }
  const age = now - (renewedAt ?? Number.NEGATIVE_INFINITY);
  const isLost = !listed.some((other) => other.id === id) && age >= timings.listedWithin;
  const isAsked = asked.has(id) && age >= timings.renewAskedEvery;
  return isAsked || ((isLost || age >= timings.renewEvery) && mayTry) ? [{ kind: "renew", wanted, record }] : [];
}
