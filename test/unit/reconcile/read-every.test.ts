import { expect, it } from "vitest";
import { readEvery, unitsPerSecond } from "../../../shared/reconcile/heads.ts";

it("few groups are read as often as the whole list of roles", () => {
  expect(readEvery(20, 1, unitsPerSecond)).toBe(10_000);
});

it.each([
  [100, 50],
  [1000, 50],
  [10, 5000],
])("%i groups of %i members cost at most 5 % of the smallest tenant's quota", (groups, members) => {
  const unitsPerRead = 5 + 4 * Math.ceil(members / 999);
  const unitsIn10Seconds = (groups * unitsPerRead * 10_000) / readEvery(members, groups, unitsPerSecond);
  expect(unitsIn10Seconds).toBeLessThanOrEqual(0.05 * 3500 + 1e-6);
});
