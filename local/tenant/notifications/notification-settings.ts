/** How the tenant treats subscriptions and sends notifications. Times are the tenant's, unless said otherwise. */
export interface NotificationSettings {
  /** From a change until its notification is sent. */
  delayMs: number;
  /** Every copy of a notification waits a random time up to this on top, so that they overtake each other. */
  reorderMs: number;
  /** How often each notification is sent. */
  copies: number;
  /** Share of notifications that are lost, 0 to 1. */
  lostShare: number;
  /** How long a notification waits for others to the same endpoint, to travel in one request. */
  batchMs: number;
  largestBatch: number;
  /** Version of the token that accompanies change notifications; `none`, as users and groups have it: they are basic notifications. */
  validationTokens: "none" | "v1" | "v2";
  /** What is wrong with that token: somebody else's forgery. */
  tokenFlaw: TokenFlaw;
  /** Real milliseconds that the endpoint has for a first attempt, a retry and a validation. */
  firstAttemptMs: number;
  retryAttemptMs: number;
  validationMs: number;
  /** The wait before the first retry; it doubles with each. */
  firstRetryMs: number;
  /** How long is tried in all. */
  retryForMs: number;
  /** How many answers the endpoint must have given in ten minutes before it can be called slow. */
  throttleAfter: number;
  /** Life of the access token that delivery hangs on; null: it never lapses. */
  accessTokenSeconds: number | null;
  subscriptionsPerApp: number;
  subscriptionsPerTenant: number;
  /** What a subscription to something unsupported gets: 400, or 201 and never a notification. */
  unsupported: "refuse" | "accept";
  /** Of the resources that no document offers, those that this tenant offers all the same. */
  offered: string[];
  /** What a lifetime above the maximum gets: 400, or the maximum. */
  tooLong: "refuse" | "shorten";
}

export const tokenFlaws = ["none", "unknownKey", "algNone", "otherApp", "expired", "wrongAudience"] as const;
export type TokenFlaw = (typeof tokenFlaws)[number];

const hour = 3_600_000;

/**
 * Deadlines, retries, quotas: Graph docs: change-notifications-delivery-webhooks, change-notifications-overview. The delay is quicker
 * than the 10 s to 10 min that are reported; the document names no first wait of the retries.
 */
export function defaultNotificationSettings(): NotificationSettings {
  return {
    delayMs: 2000,
    reorderMs: 0,
    copies: 1,
    lostShare: 0,
    batchMs: 0,
    largestBatch: 100,
    validationTokens: "none",
    tokenFlaw: "none",
    firstAttemptMs: 3000,
    retryAttemptMs: 10_000,
    validationMs: 10_000,
    firstRetryMs: 10_000,
    retryForMs: 4 * hour,
    throttleAfter: 100,
    accessTokenSeconds: 3600,
    subscriptionsPerApp: 100,
    subscriptionsPerTenant: 1000,
    unsupported: "refuse",
    offered: [],
    tooLong: "refuse",
  };
}
