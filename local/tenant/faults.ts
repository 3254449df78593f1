import type { TenantClock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What goes wrong. `afterEffect` means that the call has been carried out by then, and only its answer suffers. */
export type FaultKind =
  | { kind: "status"; when: When; statuses: number[]; retryAfterSeconds: number | null; code: string | null }
  | { kind: "latency"; when: When; milliseconds: number }
  | { kind: "drop"; when: When }
  | { kind: "hang"; when: When }
  /** A body that breaks off: there must be one, so the call has been carried out. */
  | { kind: "truncate"; when: "afterEffect" };

export type When = "beforeEffect" | "afterEffect";

export interface FaultRule {
  /** Null: any. */
  method: string | null;
  /** A regular expression on path and query, such as `/v1\.0/users/.*revoke`. Items of a batch count by themselves. */
  path: string;
  /** Share of the matching calls that it hits, 0 to 1. */
  rate: number;
  /** How many calls it hits at most; null: no end. */
  count: number | null;
  /** How many matching calls it lets pass first. */
  skip: number;
  fault: FaultKind;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** The faults that hit this call, in the order of their rules: delays, and at the end at most one that decides its fate. */
  strike(call: { method: string; path: string }): FaultKind[];
  /** Remembers a `Retry-After`, so that calling too soon can be answered with another 429. */
  remember(key: string, seconds: number): void;
  /** Seconds that `key` must still wait; 0 when it need not. */
  mustWait(key: string): number;
}

export function createFaults(clock: TenantClock, random: Random): Faults {
  let rules: FaultRule[] = [];
  const waitUntil = new Map<string, number>();

  const hits = (rule: FaultRule, call: { method: string; path: string }) => {
    if (rule.count === 0 || (rule.method !== null && rule.method !== call.method)) return false;
    if (!new RegExp(rule.path, "i").test(call.path)) return false;
    if (rule.skip > 0) {
      rule.skip -= 1;
      return false;
    }
    if (random.next() >= rule.rate) return false;
    if (rule.count !== null) rule.count -= 1;
    return true;
  };

  return {
    add(rule) {
      rules.push({ ...rule });
    },
    clear() {
      rules = [];
      waitUntil.clear();
    },
    strike(call) {
      const struck: FaultKind[] = [];
      for (const rule of rules) {
        if (!hits(rule, call)) continue;
        struck.push(rule.fault);
        if (rule.fault.kind !== "latency") break; // later rules keep their counts for calls that they can still reach
      }
      return struck;
    },
    remember(key, seconds) {
      waitUntil.set(key, clock.now() + seconds * 1000);
    },
    mustWait: (key) => Math.max(0, Math.ceil(((waitUntil.get(key) ?? 0) - clock.now()) / 1000)),
  };
}
