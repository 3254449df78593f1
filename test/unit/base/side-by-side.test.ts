import { expect, test } from "vitest";
import { sideBySide } from "../../../shared/base/side-by-side.ts";

/** Work that ends when the test says so. */
function create(count: number, atOnce: number) {
  const begun: number[] = [];
  const items = Array.from({ length: count }, (_, n) => ({ n, ...Promise.withResolvers<void>() }));
  const all = sideBySide(
    items,
    ({ n, promise }) => {
      begun.push(n);
      return promise;
    },
    atOnce,
  );
  return { begun, items, all };
}

const turn = () => new Promise(setImmediate);

test("the next item begins as soon as one is done, and never more at once", async () => {
  const { begun, items, all } = create(4, 2);
  expect(begun).toEqual([0, 1]);
  items[1]?.resolve();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of items) resolve();
  await all;
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("the first failure is the answer, and no further item begins after it", async () => {
  const { begun, items, all } = create(5, 2);
  items[0]?.reject(new Error("The first one."));
  await expect(all).rejects.toThrow("The first one.");
  items[1]?.resolve();
  await turn();
  expect(begun).toEqual([0, 1]);
});

test("nothing to do is done at once", async () => {
  await expect(create(0, 2).all).resolves.toBeUndefined();
});
