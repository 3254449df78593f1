import type { Failure, SubscriptionRecord } from "../notifications/subscription-record.ts";
import { isProbe } from "./catalogue.ts";
import { refusalWords } from "./refusal-words.ts";
import type { SubscriptionTimings } from "./subscription-timings.ts";

/** Why Graph did not do what we wanted. `status` undefined: no answer. */
export interface Refusal {
  readonly status?: number | undefined;
  readonly code: string;
}

/**
 * The record after a failure at `now`, Graph's time. Of a probe any refusal counts as "not offered", for which Graph documents no error of its
 * own: it is asked again once a day. Everything else is tried again soon, then less and less often. Pure.
 */
export function afterFailure(
  record: SubscriptionRecord,
  { status, code }: Refusal,
  now: number,
  timings: SubscriptionTimings,
): SubscriptionRecord {
  const unsupported = isProbe(record.source) && isRefusal(status);
  const count = (record.failure?.count ?? 0) + 1;
  const wait = unsupported ? timings.probeEvery : Math.min(timings.retryFirst * 2 ** (count - 1), timings.retryLongest);
  const failure: Failure = { unsupported, code, words: refusalWords(status), at: now, count };
  return { ...record, failure, tryAt: now + wait };
}

const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && ![401, 408, 409, 429].includes(status);

/** Whether this failure needs a person, and is not the one that was told already. */
export const isNews = (before: SubscriptionRecord | null, { failure }: SubscriptionRecord): boolean =>
  failure !== null && before?.failure?.code !== failure.code;
