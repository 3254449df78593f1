import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { type DerivedKeys, rememberFailures } from "../base/keys.ts";
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

/** App id of Graph's notification publisher (Graph docs: change notifications with resource data). */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

interface TokenRules {
  /** Our own client id. */
  readonly audience: string;
  readonly tenantId: string;
}

/** `unknown`: the keys could not be fetched, or may not be fetched again yet, so the token cannot be checked now. */
type TokenVerdict = "good" | "bad" | "unknown";

/** Whether each of these tokens was issued to Graph's publisher, for our app and tenant, and is still valid. */
export type ValidateTokens = (tokens: readonly string[], rules: TokenRules) => Promise<TokenVerdict>;

interface TokenDependencies {
  /** Origin of the token issuer, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly monotonic: Clock["monotonic"];
}

const issued = z.object({
  tid: z.string(),
  ver: z.enum(["1.0", "2.0"]),
  appid: z.string().optional(),
  azp: z.string().optional(),
});

/** Whether a failure shows nothing about the token. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof TypeError ||
  (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC");

/**
 * Caches the keys. An unknown key id, which a key rotation brings, leads to another fetch, at most every 30 s. Until that is allowed, a forged key id
 * cannot be distinguished from a new one, and the verdict is `unknown`.
 */
export function createTokenValidator({ authority, fetch, now, monotonic }: TokenDependencies): ValidateTokens {
  const url = new URL("/common/discovery/v2.0/keys", authority);
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 1500,
    cooldownDuration: 30_000,
    cacheMaxAge: 12 * 3_600_000,
    [customFetch]: rememberFailures(fetch, { monotonic }),
  });

  const isGood = async (token: string, { audience, tenantId }: TokenRules): Promise<boolean> => {
    const issuers = [`https://sts.windows.net/${tenantId}/`, `${authority}/${tenantId}/v2.0`];
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      audience,
      issuer: issuers,
      requiredClaims: ["exp"],
      clockTolerance: 60,
      currentDate: new Date(now()),
    });
    const claims = issued.safeParse(payload).data;
    if (claims === undefined || claims.tid.toLowerCase() !== tenantId) return false;
    // Issuer and app claim differ between token versions (Graph docs: change notifications with resource data).
    const [issuer, app] = claims.ver === "1.0" ? [issuers[0], claims.appid] : [issuers[1], claims.azp];
    return payload.iss === issuer && app === publisher;
  };

  return async (tokens, rules) => {
    const mayBeNew = keys.coolingDown;
    try {
      const verdicts = await Promise.all(tokens.map((token) => isGood(token, rules)));
      return verdicts.every(Boolean) ? "good" : "bad";
    } catch (error) {
      const isUnknown = isUnanswered(error) || (mayBeNew && error instanceof errors.JWKSNoMatchingKey);
      return isUnknown ? "unknown" : "bad";
    }
  };
}
