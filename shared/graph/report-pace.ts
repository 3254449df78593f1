import type { Clock } from "../clock.ts";
import { GraphRetryableError } from "./graph-errors.ts";

/** Graph docs: throttling-limits: 5 requests per 10 s and app and tenant for reports. A burst plus 10 s at this rate is just below. */
const BURST = 2;
/** Milliseconds per request. */
const INTERVAL = 3400;
/** Milliseconds that a request waits here at most: a new reading gives way, one that has begun goes on to its last page. */
const LONGEST_WAIT = { first: 2000, next: 5000 };

/** Spreads this process's requests for reports. Their quota is small, and shared by everything that reads them. */
export interface ReportPace {
  /**
   * Waits for this request's turn.
   * @throws GraphRetryableError `reportPace` with the wait, when it is over two seconds, or five for a further page
   */
  turn(request: "first" | "next"): Promise<void>;
}

export function createReportPace(clock: Clock): ReportPace {
  let tokens = BURST;
  let countedAt = clock.monotonic();
  return {
    async turn(request) {
      const now = clock.monotonic();
      tokens = Math.min(BURST, tokens + (now - countedAt) / INTERVAL);
      countedAt = now;
      const wait = Math.ceil((1 - tokens) * INTERVAL);
      if (wait > LONGEST_WAIT[request]) {
        const message = `Too many requests for Graph's quota of reports: this one's turn is in ${wait} ms. Nothing was sent.`;
        throw new GraphRetryableError(message, { code: "reportPace", reason: "throttled", retryAfter: wait });
      }
      tokens -= 1;
      if (wait > 0) await clock.sleep(wait);
    },
  };
}
