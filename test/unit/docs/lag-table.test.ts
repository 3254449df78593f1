import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type LagRow, lagTable } from "../../../shared/detection/lag.ts";

const spell = (milliseconds: number | null): string => {
  if (milliseconds === null) return "-";
  if (milliseconds >= 3_600_000) return `${milliseconds / 3_600_000} h`;
  return milliseconds > 120_000 && milliseconds % 6_000 === 0
    ? `${milliseconds / 60_000} min`
    : `${milliseconds / 1000} s`;
};

const toLine = ([name, { why, assumed, bound, grade, source }]: [string, LagRow]): string =>
  `| \`${name}\` | ${why} | ${spell(assumed)} | ${spell(bound)} | ${grade} | ${source} |`;

test("the lag table of reliability.md is that of the code", async () => {
  const document = await readFile(new URL("../../../docs/reliability.md", import.meta.url), "utf8");
  const documented = /<!-- lag:begin -->\n(.*?)\n<!-- lag:end -->/s.exec(document)?.[1]?.split("\n").slice(2);
  expect(documented).toEqual(Object.entries(lagTable).map(toLine));
});
