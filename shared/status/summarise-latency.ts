import type { LatencySummary } from "./status-parts.ts";

/** Upper bounds of the bars, milliseconds: from what the app promises up to what an operator must hear of. */
const bounds = [1_000, 2_000, 5_000, 10_000, 60_000, 600_000] as const;

/** Percentiles by nearest rank: each is a latency that really occurred. Null for none. */
export function summariseLatency(milliseconds: readonly number[]): LatencySummary | null {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const most = sorted.at(-1);
  if (most === undefined) return null;
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? most;
  const atMost = (bound: number) => sorted.filter((value) => value <= bound).length;
  const counts = [...bounds.map(atMost), sorted.length];
  return {
    count: sorted.length,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    most,
    histogram: counts.map((count, index) => ({ upTo: bounds[index] ?? null, count: count - (counts[index - 1] ?? 0) })),
  };
}
