import type { TenantClock } from "./clock.ts";

export interface QuotaLimits {
  resourceUnitsPer10Seconds: number;
  writesPer150Seconds: number;
  /** Calls for reports, such as `directoryAudits`; counted in any ten seconds. */
  reportsPer10Seconds: number;
}

export interface Cost {
  readonly units: number;
  readonly writes: number;
  readonly reports?: number;
}

export interface Throttled {
  readonly retryAfterSeconds: number;
  readonly information: "ResourceUnitLimitExceeded" | "WriteLimitExceeded" | "ReportLimitExceeded";
}

/** The limits per app and tenant of Graph docs: throttling-limits, which says that those of identity calls are token buckets. */
export interface Quotas {
  /** Takes the cost of one call, or says why it is throttled and for how long. */
  take(cost: Cost): Throttled | null;
  /** How much of the fuller bucket is used, 0 to 1. */
  used(): number;
}

export function createQuotas(clock: TenantClock, settings: { quotas: QuotaLimits }): Quotas {
  const units = createBucket(clock, () => settings.quotas.resourceUnitsPer10Seconds, 10);
  const writes = createBucket(clock, () => settings.quotas.writesPer150Seconds, 150);
  const reports = createWindow(clock, () => settings.quotas.reportsPer10Seconds, 10);
  return {
    take(cost) {
      if (cost.reports) {
        const wait = reports.secondsUntilNext();
        if (wait > 0) return { retryAfterSeconds: wait, information: "ReportLimitExceeded" };
        reports.take();
        return null;
      }
      const unitsWait = units.secondsUntil(cost.units);
      const writesWait = writes.secondsUntil(cost.writes);
      if (writesWait > 0) return { retryAfterSeconds: writesWait, information: "WriteLimitExceeded" };
      if (unitsWait > 0) return { retryAfterSeconds: unitsWait, information: "ResourceUnitLimitExceeded" };
      units.take(cost.units);
      writes.take(cost.writes);
      return null;
    },
    used: () => Math.max(units.used(), writes.used()),
  };
}

function createBucket(clock: TenantClock, limit: () => number, seconds: number) {
  let spent = 0;
  let countedAt = clock.now();
  const refill = () => {
    const now = clock.now();
    spent = Math.max(0, spent - ((now - countedAt) / 1000) * (limit() / seconds));
    countedAt = now;
  };
  return {
    /** Whole seconds until `amount` fits in; 0 when it does now. */
    secondsUntil(amount: number): number {
      refill();
      const excess = spent + amount - limit();
      return amount === 0 || excess <= 0 ? 0 : Math.max(1, Math.ceil(excess / (limit() / seconds)));
    },
    take(amount: number): void {
      spent += amount;
    },
    used(): number {
      refill();
      return spent / limit();
    },
  };
}

/** At most `limit` calls in any `seconds`: the strictest way to read a limit. */
function createWindow(clock: TenantClock, limit: () => number, seconds: number) {
  let taken: number[] = [];
  return {
    /** Whole seconds until one more fits in; 0 when it does now. */
    secondsUntilNext(): number {
      const now = clock.now();
      taken = taken.filter((time) => time > now - seconds * 1000);
      const oldest = taken.at(-limit());
      return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest - now) / 1000 + seconds));
    },
    take(): void {
      taken.push(clock.now());
    },
  };
}
