import type { Reaction } from "./measure.ts";

/** Milliseconds. */
export interface Distribution {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
}

/** @throws RangeError when there is nothing */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((a, b) => a - b);
  // The nearest rank: a value that was measured, none between two.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [min, median, p95, worst] = [at(0), at(0.5), at(0.95), at(1)];
  if (min === undefined || median === undefined || p95 === undefined || worst === undefined) {
    throw new RangeError("Of nothing there is no distribution.");
  }
  return { min, median, p95, worst };
}

/** What the reactions at one latency came to. */
export interface Result {
  /** Of one call to Graph, milliseconds. */
  readonly latency: number;
  readonly ends: number;
  /** From the removal to the accepted revoke, the wait for a whole second included. */
  readonly reaction: Distribution;
  /** The same without that wait. */
  readonly provable: Distribution;
  /** Its two parts: until an answer shows the removal, and from that answer to the accepted revoke. */
  readonly reading: Distribution;
  readonly act: Distribution;
  /** How many were removed before the first answer that can prove their end, and how long that took at most. */
  readonly waited: { readonly ends: number; readonly longest: number };
  /** How often one principal was read in one second, at most. */
  readonly busiestSecond: number;
  readonly bounds: Bounds;
  readonly isKept: boolean;
}

/** Of all reactions, the wait for a whole second included, milliseconds; null: there is none. */
export interface Bounds {
  readonly median: number;
  readonly worst: number | null;
}

/** What issue 19 asks for: without latency, and with one of `latency` milliseconds. */
export const boundsAt = (latency: number): Bounds =>
  latency === 0 ? { median: 120, worst: 500 } : { median: 2.5 * latency + 120, worst: null };

export function judge(latency: number, reactions: readonly Reaction[]): Result {
  const spans = (span: (reaction: Reaction) => number) => distributionOf(reactions.map(span));
  const reaction = spans(({ removedAt, acceptedAt }) => acceptedAt - removedAt);
  const provable = spans(({ provableAt, acceptedAt }) => acceptedAt - provableAt);
  const waits = reactions.map(({ removedAt, provableAt }) => provableAt - removedAt).filter((wait) => wait > 0);
  const bounds = boundsAt(latency);
  return {
    latency,
    ends: reactions.length,
    reaction,
    provable,
    reading: spans(({ provableAt, answeredAt }) => Math.max(0, answeredAt - provableAt)),
    act: spans(({ answeredAt, acceptedAt }) => acceptedAt - answeredAt),
    waited: { ends: waits.length, longest: Math.max(0, ...waits) },
    busiestSecond: Math.max(...reactions.map(({ busiestSecond }) => busiestSecond)),
    bounds,
    isKept: reaction.median <= bounds.median && (bounds.worst === null || reaction.worst <= bounds.worst),
  };
}

/** How far the median moved because channels were notified, milliseconds. */
export interface Moved {
  readonly latency: number;
  readonly by: number;
  /** It must be less. */
  readonly most: number;
  readonly isKept: boolean;
}

/** What issue 25 asks for of five channels, two of which hang. Faster than without them is luck. */
export function judgeMove(quiet: Result, notifying: Result): Moved {
  const [by, most] = [notifying.reaction.median - quiet.reaction.median, 10];
  return { latency: notifying.latency, by, most, isKept: by < most };
}
