import type { DerivedKeys } from "../secrets/derive-key.ts";
import { expectedStates, isExpected } from "../subscriptions/client-state.ts";
import type { ItemClaims } from "./read-delivery.ts";
import type { SubscriptionRecord } from "./subscription-record.ts";

export interface Authentic<T> {
  readonly item: T;
  readonly subscription: SubscriptionRecord;
}

export interface Authenticated<T> {
  readonly authentic: readonly Authentic<T>[];
  /** How many failed which check: for the operator alone. */
  readonly rejected: Readonly<Record<"subscription" | "tenant" | "clientState", number>>;
}

/** Of an unknown subscription: compared all the same, so that the time tells nothing. */
const nobody = { resource: "", nonce: "" };

/** Basic notifications have no other proof than the client state (Graph docs: change notifications delivery by webhooks). Each item has its own. */
export function authenticateItems<T extends ItemClaims>(
  items: readonly T[],
  known: ReadonlyMap<string, SubscriptionRecord>,
  keys: DerivedKeys,
): Authenticated<T> {
  // Once per subscription and not per item: a thousand forged ones must not cost a thousand derivations.
  const expected = new Map<string | null, readonly Buffer[]>();
  const expectedOf = (subscription: SubscriptionRecord | undefined) => {
    const id = subscription?.id ?? null;
    const states = expected.get(id) ?? expectedStates(keys, subscription ?? nobody);
    expected.set(id, states);
    return states;
  };
  const rejected = { subscription: 0, tenant: 0, clientState: 0 };
  const authentic = items.flatMap((item) => {
    const subscription = known.get(item.subscriptionId);
    const isProven = isExpected(item.clientState, expectedOf(subscription));
    const isTenant = (subscription?.tenantId ?? item.tenantId) === item.tenantId;
    if (subscription !== undefined && isProven && isTenant) return [{ item, subscription }];
    rejected[subscription === undefined ? "subscription" : isProven ? "tenant" : "clientState"] += 1;
    return [];
  });
  return { authentic, rejected };
}
