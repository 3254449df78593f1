import { expect, test } from "vitest";
import { limitFor } from "../../../shared/enforcement/threshold.ts";
import { largestLimit } from "../../../shared/settings/settings.ts";

const watched = (count: number) => async () => count;
const mustNotCount = async (): Promise<number> => {
  throw new Error("the watched users were counted without need");
};

test.each([
  ["a small tenant", 40, 25],
  ["exactly where both are equal", 170, 25],
  ["a tenant in which 15 % is more", 1000, 150],
  ["a share that is no whole number", 199, 29],
  ["a tenant larger than a row can hold", 1_000_000, largestLimit],
])("%s", async (_, users, limit) => {
  expect(await limitFor(null, 26, watched(users))).toBe(limit);
});

test("up to 25 are nobody's share", async () => {
  expect(await limitFor(null, 25, mustNotCount)).toBe(25);
});

test("a setting is what it says", async () => {
  expect(await limitFor(0, 1000, mustNotCount)).toBe(0);
  expect(await limitFor(7, 1000, mustNotCount)).toBe(7);
});
