import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { DerivedKeys } from "../base/keys.ts";
import type { Table } from "../storage/table.ts";
import type { ItemClaims } from "./read-delivery.ts";
import { loadSubscriptions, type SubscriptionRecord } from "./subscription-record.ts";

export interface Authentic<T> {
  readonly item: T;
  readonly subscription: SubscriptionRecord;
}

interface Authenticated<T> {
  readonly authentic: readonly Authentic<T>[];
  /** Rejected items by the check that they failed. For the operator only, never for the caller. */
  readonly rejected: Readonly<Record<"subscription" | "tenant" | "clientState", number>>;
}

/** Stands in for an unknown subscription: its client state is compared all the same, so that response times reveal nothing. */
const nobody = { resource: "", nonce: "" };

/** Keeps the items whose client state is right: basic notifications have no other proof (Graph docs: change notifications delivery by webhooks). Pure. */
export function authenticateItems<T extends ItemClaims>(
  items: readonly T[],
  known: ReadonlyMap<string, SubscriptionRecord>,
  keys: DerivedKeys,
): Authenticated<T> {
  // Once per subscription and not per item: a thousand forged items must not cost a thousand derivations.
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

type Subject = Pick<SubscriptionRecord, "resource" | "nonce">;

/** The client state of one subscription: 43 characters that only our secret can produce. Each creation has a new nonce, so also a new client state. */
export const clientState = (key: Buffer, { resource, nonce }: Subject): string =>
  createHmac("sha256", key).update(`${nonce} ${resource}`).digest("base64url");

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** A short digest that shows whether a client state was made with the current key, without revealing the client state. */
export const markOf = (key: Buffer, subject: Subject): string =>
  digest(clientState(key, subject)).toString("hex").slice(0, 16);

/** Digests of the client states accepted for this subscription: one by the current secret, one by the previous. */
export const expectedStates = (keys: DerivedKeys, subject: Subject): readonly Buffer[] =>
  [keys.current, keys.previous ?? keys.current].map((key) => digest(clientState(key, subject)));

/** Whether a client state is one of these. Takes constant time: all digests are compared to their end. */
export function isExpected(given: string, expected: readonly Buffer[]): boolean {
  const found = digest(given);
  return expected.map((one) => timingSafeEqual(found, one)).includes(true);
}

/** Resolves to our stored subscriptions by Graph's id. */
export type KnownSubscriptions = (ids: Iterable<string>) => Promise<ReadonlyMap<string, SubscriptionRecord>>;

/** Milliseconds for which a replaced subscription is still accepted at most. */
const freshFor = 60_000;
/** Milliseconds. An unknown id leads to another read of storage, but never sooner than this after the last one. */
const unknownEvery = 1000;

/** Reads the subscriptions and keeps them; reads again for an unknown id. The returned function throws the errors of storage. */
export function createKnownSubscriptions(state: Table, clock: Clock): KnownSubscriptions {
  let known: ReadonlyMap<string, SubscriptionRecord> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async () => {
    const startedAt = clock.monotonic();
    const records = [...(await loadSubscriptions(state)).values()];
    known = new Map(records.flatMap((record) => (record.id === null ? [] : [[record.id, record]])));
    readAt = startedAt;
  };
  const refresh = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };

  return async (ids) => {
    const age = clock.monotonic() - readAt;
    const hasUnknown = [...ids].some((id) => !known.has(id));
    if (age >= freshFor || (hasUnknown && age >= unknownEvery)) await refresh();
    return known;
  };
}
