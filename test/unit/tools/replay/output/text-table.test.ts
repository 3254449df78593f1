import { expect, test } from "vitest";
import { textTable } from "../../../../../tools/replay/output/text-table.ts";

test("words stand left, numbers right", () => {
  const rows = [
    ["role", "kind", "ends"],
    ["Reader", "role", "7"],
    ["A", "PIM group", "1,234"],
  ];
  expect(textTable(rows, 2)).toEqual([
    "role    kind        ends",
    "Reader  role           7",
    "A       PIM group  1,234",
  ]);
});

test("what is too long is cut", () => {
  const [, row = ""] = textTable([["a"], ["x".repeat(80)]]);
  expect(row).toBe(`${"x".repeat(59)}…`);
});
