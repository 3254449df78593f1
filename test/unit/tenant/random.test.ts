import { expect, test } from "vitest";
import { createRandom } from "../../../local/tenant/random.ts";

test("the same seed gives the same run, another seed another", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return [random.next(), random.integer(1, 1000), random.guid(), random.shuffled([1, 2, 3, 4, 5])];
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});

test("integers reach both ends and nothing beyond", () => {
  const random = createRandom(1);
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(3, 5)));
  expect([...seen].sort()).toEqual([3, 4, 5]);
});

test("guids look like guids and a shuffle loses nothing", () => {
  const random = createRandom(1);
  expect(random.guid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(random.shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3]);
});
