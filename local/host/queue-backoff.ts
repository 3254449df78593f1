const minimum = 100;

/**
 * The random exponential back-off with which Azure polls an idle queue: from 100 ms up to `maximum` milliseconds,
 * growing by a random 0.8 to 1.2 of a doubling step. `random` yields 0 up to 1.
 */
export function createQueueBackoff(maximum: number, random: () => number): (foundMessages: boolean) => number {
  let exponent = 0;
  return (foundMessages) => {
    if (foundMessages) {
      exponent = 0;
      return Math.min(minimum, maximum);
    }
    const delay = minimum + (0.8 + 0.4 * random()) * 2 ** exponent * minimum;
    if (delay >= maximum) return maximum;
    exponent += 1;
    return delay;
  };
}
