import type { Clock } from "../base/clock.ts";
import { GraphRetryableError } from "./graph-errors.ts";

/** Graph docs: throttling-limits: 5 requests per 10 s and app and tenant for reports. A burst plus 10 s at this rate is just below. */
const BURST = 2;
/** Milliseconds per request. */
const INTERVAL = 3400;
/** Milliseconds that a request waits here at most: a new reading gives way, one that has begun goes on to its last page. */
const LONGEST_WAIT = { first: 2000, next: 5000 };

export type ReportRequest = keyof typeof LONGEST_WAIT;

/** Spreads the requests for reports. Their quota is small, and shared by everything that reads them. */
export interface ReportPace {
  /**
   * Waits for this request's turn.
   * @throws GraphRetryableError `reportPace` with the wait, when it is over two seconds, or five for a further page
   */
  turn(request: ReportRequest): Promise<void>;
}

/**
 * The turn of a request that asks `now`, when the turns before it last until `takenUntil`: how long it has to wait, in milliseconds, and
 * until when the turns last with it. Pure.
 * @throws GraphRetryableError as `turn`
 */
export function nextTurn(takenUntil: number, now: number, request: ReportRequest) {
  const wait = Math.max(0, Math.ceil(takenUntil - (BURST - 1) * INTERVAL - now));
  if (wait > LONGEST_WAIT[request]) {
    const message = `Too many requests for Graph's quota of reports: this one's turn is in ${wait} ms. Nothing was sent.`;
    throw new GraphRetryableError(message, { code: "reportPace", reason: "throttled", retryAfter: wait });
  }
  return { wait, takenUntil: Math.max(takenUntil, now) + INTERVAL };
}

/** The pace of this process by itself. */
export function createReportPace(clock: Clock): ReportPace {
  let takenUntil = Number.NEGATIVE_INFINITY;
  return {
    async turn(request) {
      const turn = nextTurn(takenUntil, clock.monotonic(), request);
      takenUntil = turn.takenUntil;
      if (turn.wait > 0) await clock.sleep(turn.wait);
    },
  };
}
