import { expect, test } from "vitest";
import { editDistance } from "../../../shared/settings/edit-distance.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["abc", "", 3],
  ["cutoff", "cuttoff", 1],
  ["kitten", "sitting", 3],
])("from %j to %j it is %i", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});
