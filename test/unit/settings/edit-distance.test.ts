import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance } from "../../../shared/settings/misspelt.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["abc", "", 3],
  ["cutoff", "cuttoff", 1],
  ["kitten", "sitting", 3],
])("from %j to %j it is %i", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

test("beyond a bound it is some number above it, up to it the same", () => {
  const text = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
  fc.assert(
    fc.property(text, text, fc.nat(8), (from, to, most) => {
      const distance = editDistance(from, to);
      const bounded = editDistance(from, to, most);
      expect(distance > most ? bounded > most : bounded === distance).toBe(true);
    }),
  );
});
