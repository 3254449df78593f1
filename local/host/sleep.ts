import { setTimeout as delay } from "node:timers/promises";

// A longer timer overflows and fires at once.
const longest = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds or when `signal` aborts, whichever is first. Waits above 24.8 days end early. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await delay(Math.min(Math.max(ms, 0), longest), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
