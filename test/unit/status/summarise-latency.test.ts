import fc from "fast-check";
import { expect, test } from "vitest";
import { summariseLatency } from "../../../shared/status/status.ts";

test("nothing measured is not zero", () => {
  expect(summariseLatency([])).toBeNull();
});

test("percentiles are latencies that occurred, by nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => (index + 1) * 10);
  expect(summariseLatency(hundred.toReversed())).toMatchObject({
    count: 100,
    p50: 500,
    p95: 950,
    p99: 990,
    most: 1000,
  });
  expect(summariseLatency([42])).toMatchObject({ count: 1, p50: 42, p95: 42, p99: 42, most: 42 });
});

test("a bar takes what is at its bound, and the last takes all above", () => {
  const bars = summariseLatency([0, 1000, 1001, 600_000, 600_001])?.histogram;
  expect(bars).toEqual([
    { upTo: 1000, count: 2 },
    { upTo: 2000, count: 1 },
    { upTo: 5000, count: 0 },
    { upTo: 10_000, count: 0 },
    { upTo: 60_000, count: 0 },
    { upTo: 600_000, count: 1 },
    { upTo: null, count: 1 },
  ]);
});

test("every latency is in exactly one bar, and percentiles never fall", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000_000), { minLength: 1 }), (milliseconds) => {
      const summary = summariseLatency(milliseconds);
      expect(summary?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(milliseconds.length);
      const rising = [summary?.p50, summary?.p95, summary?.p99, summary?.most];
      expect(rising).toEqual(rising.toSorted((a, b) => Number(a) - Number(b)));
      for (const value of rising) expect(milliseconds).toContain(value);
    }),
  );
});
