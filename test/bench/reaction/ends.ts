import type { Random } from "../../../local/tenant/random.ts";

/** One role that ends. */
export interface PlannedEnd {
  /** From its activation, in seconds: most ends have a fraction of a second, as PIM's have. */
  readonly seconds: number;
  /** From its end until the tenant acts, and from there until PIM's list and the directory lose it, in milliseconds. */
  readonly removal: { readonly delayMs: number; readonly listAfterMs: number; readonly directoryAfterMs: number };
}

/** The first end, in seconds: the resync finds a new role within five, and its timer fires four seconds before the end. */
const first = 11;

/**
 * Seconds between two ends, on average 0.8. Closer together more than ten principals would be waited for at once, and each be read less often:
 * that is a mass expiry, which `mass-expiry.test.ts` shows.
 */
const apart = { least: 0.5, most: 1.1 };

/**
 * Milliseconds until the tenant acts. 0.9 s is the one delay that was ever observed, in a public capture. A tenant that acts sooner makes every app wait:
 * Graph dates its answers in whole seconds, so up to a second passes after an announced end before an answer can prove it.
 */
const removal = { soonest: 700, latest: 1800 };

/** List and directory lose a role up to so many milliseconds apart. */
const viewsApart = 200;

/** Ends one after the other, drawn at random. */
export function drawEnds(random: Random, count: number): readonly PlannedEnd[] {
  let seconds = first;
  return Array.from({ length: count }, () => {
    seconds += apart.least + random.next() * (apart.most - apart.least);
    return {
      seconds,
      removal: {
        delayMs: random.integer(removal.soonest, removal.latest),
        listAfterMs: random.integer(0, viewsApart),
        directoryAfterMs: random.integer(0, viewsApart),
      },
    };
  });
}
