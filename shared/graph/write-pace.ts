import type { Clock } from "../base/clock.ts";
import { GraphRetryableError } from "./graph-errors.ts";

/** Graph docs: throttling-limits: 3,000 writes per 150 s and app and tenant. A burst plus 150 s at this rate is exactly that. */
const BURST = 150;
const WRITES_PER_SECOND = 19;
/** Milliseconds. A longer wait belongs in a queue message: the writer holds a lease meanwhile. */
const LONGEST_WAIT = 2000;

/** Spreads the writes of this process so that it does not run into Graph's quota by itself. */
export interface WritePace {
  /**
   * Waits for this write's turn.
   * @throws GraphRetryableError `writePace` with the wait, when it is over two seconds
   */
  turn(): Promise<void>;
}

export function createWritePace(clock: Clock): WritePace {
  let tokens = BURST;
  let countedAt = clock.monotonic();
  return {
    async turn() {
      const now = clock.monotonic();
      tokens = Math.min(BURST, tokens + ((now - countedAt) / 1000) * WRITES_PER_SECOND);
      countedAt = now;
      const wait = Math.ceil(((1 - tokens) * 1000) / WRITES_PER_SECOND);
      if (wait > LONGEST_WAIT) {
        const message = `Too many writes at once for Graph's quota: this one's turn is in ${wait} ms. Nothing was sent.`;
        throw new GraphRetryableError(message, { code: "writePace", reason: "throttled", retryAfter: wait });
      }
      tokens -= 1;
      if (wait > 0) await clock.sleep(wait);
    },
  };
}
