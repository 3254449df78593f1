import type { Clock, MonotonicTime } from "./clock.ts";

/** Milliseconds: about the time in which a person tries again, and short enough to notice soon that the token service is back. */
const rememberedFor = 5000;

/**
 * Wraps the fetch of published keys: after a failure every call fails at once for a while. Otherwise, while the token service is slow, each forged
 * token would keep one request of ours waiting.
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
