import type { Clock, MonotonicTime } from "./clock.ts";

/** Milliseconds. As long as a person takes to try again, and short enough that a token service that was away is soon asked. */
const rememberedFor = 5000;

/**
 * A fetch of published keys that failed a moment ago fails at once: whoever sends forged tokens while the token service is slow would else hold
 * one request of ours for each of theirs.
 */
export function rememberFailures(
  fetch: typeof globalThis.fetch,
  { monotonic }: Pick<Clock, "monotonic">,
): typeof globalThis.fetch {
  let failedAt: MonotonicTime = Number.NEGATIVE_INFINITY;
  return async (input, init) => {
    if (monotonic() - failedAt < rememberedFor) throw new TypeError("Keys could not be fetched a moment ago.");
    try {
      const response = await fetch(input, init);
      if (!response.ok) failedAt = monotonic();
      return response;
    } catch (error) {
      failedAt = monotonic();
      throw error;
    }
  };
}
