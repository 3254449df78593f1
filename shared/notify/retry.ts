import type { Delivery } from "./post.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after failed deliveries; after the last one, a day and a half after the outcome, the message is parked. */
const retryWaits = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  18 * hour,
];

const longestAsked = 24 * hour;

/** A part of the wait that is drawn, so that messages which failed together do not come back together. */
const jitter = 0.2;

/** Statuses of 4xx that say "later": time-out, too early, too many requests. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/** What follows from one delivery. */
export type Next =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly wait: number }
  /** `stops`: the receiver wants no more (410, Standard Webhooks), so the whole channel waits for a person. */
  | { readonly kind: "park"; readonly code: string; readonly stops: boolean };

/** @param tries deliveries that failed before. @param random in [0, 1). Pure. */
export function afterDelivery({ status, delivered, retryAfter }: Delivery, tries: number, random: number): Next {
  if (delivered) return { kind: "delivered" };
  const wait = retryWaits[tries];
  const isRefused = status >= 400 && status < 500 && !later.has(status);
  if (wait === undefined || isRefused) return { kind: "park", code: `HTTP_${status}`, stops: status === 410 };
  const asked = Math.min(retryAfter ?? 0, longestAsked);
  return { kind: "retry", wait: Math.max(Math.round(wait * (1 + jitter * random)), asked) };
}
