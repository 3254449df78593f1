/** Epoch milliseconds as ISO 8601 with milliseconds, as the history states them. */
export function isoMilliseconds(time: number): string {
  return new Date(Math.floor(time)).toISOString();
}

/** Epoch milliseconds as ISO 8601 in whole seconds, as Graph shows `signInSessionsValidFromDateTime`. */
export function isoSeconds(time: number): string {
  return `${isoMilliseconds(time).slice(0, 19)}Z`;
}

/**
 * Epoch milliseconds as ISO 8601 with `digits` digits of the second's fraction (0 to 7), cut off, not rounded.
 * Graph's own times vary in this.
 */
export function isoFraction(time: number, digits: number): string {
  if (digits === 0) return isoSeconds(time);
  const ticks = Math.floor((time - Math.floor(time)) * 10_000);
  const fraction = `${isoMilliseconds(time).slice(20, 23)}${String(ticks).padStart(4, "0")}`.slice(0, digits);
  return `${isoMilliseconds(time).slice(0, 19)}.${fraction}Z`;
}

/** Whole seconds since the epoch, as JWT claims hold them. */
export function epochSeconds(time: number): number {
  return Math.floor(time / 1000);
}
