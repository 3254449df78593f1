const second = 1000;
const minute = 60 * second;

/** Every span that keeping subscriptions waits for, in milliseconds. */
export const subscriptionTimings = {
  /** Between two comparisons of what is with what should be. */
  keepEvery: 30 * second,
  /** One run works for at most this long, under a lease (storage's time) that is longer. */
  runFor: 60 * second,
  leaseFor: 2 * minute,
  /**
   * Far below the lifetime: delivery also hangs on an access token that Graph captured at creation, good for about an hour, and a PATCH
   * refreshes it (Graph docs: subscription lifecycle events). Waiting to be asked is not enough, since a question may get lost.
   */
  renewEvery: 45 * minute,
  /** A renewal that Graph asks for is not repeated sooner, however often it asks. */
  renewAskedEvery: minute,
  /** A list may not show yet what was just created. */
  listedWithin: 2 * minute,
  /** After a failure: the first wait, doubled each time up to the longest. */
  retryFirst: minute,
  retryLongest: 60 * minute,
  /** How often Graph is asked again for what it does not offer. */
  probeEvery: 24 * 60 * minute,
} as const;
export type SubscriptionTimings = { readonly [name in keyof typeof subscriptionTimings]: number };
