import type { Clock } from "../base/clock.ts";
import { GraphRetryableError } from "./graph-errors.ts";
import type { HeaderSource } from "./http-answer.ts";

/** Reads and writes have separate quotas (Graph docs: throttling-limits). */
export type QuotaClass = "read" | "write";

/** What Graph told this process about its quotas, shared by all calls. */
export interface Limiter {
  /**
   * Before each try: while Graph wants no calls of this class there are none, because even refused ones count against us.
   * @throws GraphRetryableError `heldBack` with the rest of the wait
   */
  admit(quota: QuotaClass): void;
  /** Graph answered 429 and wants to be left alone for so many milliseconds. */
  hold(quota: QuotaClass, retryAfter: number): void;
  /** After each answer and batch item: `x-ms-throttle-limit-percentage` is sent from 0.8 of the quota on, else it is absent. */
  observe(headers: HeaderSource): void;
  /** Milliseconds that a call which can wait (the list) should let pass first, so that urgent reads get what is left. */
  courtesy(): number;
}

const FIRST_COURTESY = 100;
const LONGEST_COURTESY = 1000;
/** Quotas of reads are counted per 10 s (Graph docs: throttling-limits): older news is no news. */
const FORGET_AFTER = 10_000;

export function createLimiter(clock: Clock): Limiter {
  const heldUntil = { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY };
  let courtesy = 0;
  let observedAt = Number.NEGATIVE_INFINITY;
  return {
    admit(quota) {
      const left = Math.ceil(heldUntil[quota] - clock.monotonic());
      if (left <= 0) return;
      const message = `Graph asked to be sent no ${quota}s for another ${left} ms. Nothing was sent.`;
      throw new GraphRetryableError(message, { code: "heldBack", reason: "throttled", retryAfter: left });
    },
    hold(quota, retryAfter) {
      heldUntil[quota] = Math.max(heldUntil[quota], clock.monotonic() + retryAfter);
    },
    observe(headers) {
      const used = headers.get("x-ms-throttle-limit-percentage");
      if (used === null) return;
      courtesy = Number(used) >= 1 ? Math.min(LONGEST_COURTESY, Math.max(FIRST_COURTESY, courtesy * 2)) : 0;
      observedAt = clock.monotonic();
    },
    courtesy: () => (clock.monotonic() - observedAt < FORGET_AFTER ? courtesy : 0),
  };
}
