import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { endsTable, withTable } from "../../e2e/support/ends-table.ts";
import { readDeclaredRows } from "../../e2e/support/read-declared-rows.ts";

test("the documented table of ends is that of the end-to-end tests, each of which stands in it once", async () => {
  const document = await readFile(new URL("../../../docs/what-it-cuts.md", import.meta.url), "utf8");
  const { rows, declarations } = await readDeclaredRows();
  expect(rows.length).toBeGreaterThan(30);
  expect(new Set(rows).size).toBe(rows.length);
  expect(declarations).toBe(rows.length);
  expect(withTable(document, endsTable(rows))).toBe(document);
});

test.each([["Which resources trust an ended role"], ["What pim-cutoff does not watch"]])(
  "each row of %s says how sure it is",
  async (heading) => {
    const document = await readFile(new URL("../../../docs/what-it-cuts.md", import.meta.url), "utf8");
    const section = document.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    const rows = section
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .slice(2);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter((row) => !/(\[[DOIU]\][^|]*|not watched, by design) \|$/.test(row))).toEqual([]);
  },
);
