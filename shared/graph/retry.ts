import type { Clock } from "../base/clock.ts";
import { GraphRetryableError } from "./graph-errors.ts";

const MAX_TRIES = 3;
/** Milliseconds. What Graph wants beyond this is the queue's business. */
const LONGEST_RETRY_AFTER = 2000;
const LONGEST_SLEEP = 3000;
const FIRST_BACKOFF = 200;

/** The sleeping that one call of the port may do in all its requests together, in milliseconds. */
export class SleepBudget {
  #left = LONGEST_SLEEP;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sleeps if there is enough left for it. Resolves to whether it did. */
  async sleep(ms: number): Promise<boolean> {
    if (ms > this.#left) return false;
    this.#left -= ms;
    if (ms > 0) await this.#clock.sleep(ms);
    return true;
  }
}

/**
 * Up to three tries of a read, with jittered back-off between them. A wait that Graph asks for is kept when it is short.
 * @param admit called before each try; what it throws ends the tries
 * @param random in [0, 1)
 * @throws what the last try threw; a GraphRetryableError with a `retryAfter` over two seconds at once
 */
export async function retryRead<T>(
  once: () => Promise<T>,
  admit: () => void,
  budget: SleepBudget,
  random: () => number,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    admit();
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof GraphRetryableError) || attempt === MAX_TRIES) throw error;
      const { retryAfter = 0 } = error;
      if (retryAfter > LONGEST_RETRY_AFTER) throw error;
      const backoff = FIRST_BACKOFF * 2 ** (attempt - 1) * (0.5 + random());
      if (!(await budget.sleep(retryAfter + backoff))) throw error;
    }
  }
}
