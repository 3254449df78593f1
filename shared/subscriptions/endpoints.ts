import type { Fetch } from "../graph/send.ts";
import type { Endpoints } from "./plan-subscriptions.ts";

/** Where the functions of these routes answer. `baseUrl`: the app's origin, without a slash at the end. */
export const endpointsAt = (baseUrl: string): Endpoints => ({
  notificationUrl: `${baseUrl}/api/graph/notifications`,
  lifecycleUrl: `${baseUrl}/api/graph/lifecycle`,
});

/** Graph gives a validation ten seconds (Graph docs: change notifications delivery by webhooks): so do we. */
const longest = 10_000;

/**
 * Asks the app's own address for a validation, as Graph will: a cold start then happens before Graph's ten seconds begin. Whether it works
 * shows when Graph asks.
 */
export const createWarmUp = (fetch: Fetch) => async (notificationUrl: string) => {
  try {
    const url = `${notificationUrl}?validationToken=warm-up`;
    const response = await fetch(url, { method: "POST", redirect: "manual", signal: AbortSignal.timeout(longest) });
    await response.body?.cancel();
  } catch {
    // Some networks let nobody out to themselves: then Graph's own validation tells.
  }
};
