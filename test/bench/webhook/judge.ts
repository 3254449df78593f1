/** A message that the queue service has taken. Times as of {@link monotonic}. */
export interface Persisted {
  /** An object id that stands in it. */
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A notification that the app has acknowledged. */
export interface Acknowledged {
  /** The group that it was about. */
  readonly id: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Milliseconds on a clock that all threads and processes of this machine share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Those that were acknowledged although nothing about their group was persisted in between: the write must have begun after the notification was
 * sent and ended before it was answered, so that it cannot be somebody else's older one.
 */
export function withoutSignal(acknowledged: readonly Acknowledged[], persisted: readonly Persisted[]): Acknowledged[] {
  const byId = Map.groupBy(persisted, ({ id }) => id);
  return acknowledged.filter(({ id, sentAt, answeredAt }) => {
    const writes = byId.get(id) ?? [];
    return !writes.some(({ startedAt, endedAt }) => startedAt >= sentAt && endedAt <= answeredAt);
  });
}

/** What one run at one rate came to. Milliseconds. */
export interface Run {
  readonly rate: number;
  readonly seconds: number;
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Answers other than 202, lost connections and timeouts. */
  readonly failed: number;
  readonly withoutSignal: number;
  readonly messages: number;
}

/** A tenth of the three seconds that Graph gives (Graph docs: change-notifications-delivery-webhooks). */
export const longestP99 = 300;

/** Whether a run kept its rate, within two percent, and its answers stayed quick. */
export const isHeld = ({ rate, seconds, answered, p99, failed }: Run): boolean =>
  failed === 0 && p99 < longestP99 && answered >= 0.98 * rate * seconds;
