import { expect, test } from "vitest";
import { endsLine, many, period, span } from "../../../../../tools/replay/output/sentences.ts";
import { reportNaming } from "../../../../fixtures/audit/one-report.ts";

test.each([
  [{ low: 24, high: 24 }, "24 min"],
  [{ low: 60, high: 90 }, "60 to 90 min"],
  [{ low: 60, high: 119 }, "60 to 119 min"],
  [{ low: 540, high: 810 }, "9 to 13.5 h"],
  [{ low: 403, high: 583 }, "6.8 to 9.8 h"],
  [{ low: 4000, high: 6000 }, "66.7 to 100 h"],
  [{ low: 120_000, high: 180_000 }, "2,000 to 3,000 h"],
  [{ low: 6000, high: 6000 }, "100 h"],
])("%j is %s", (minutes, said) => expect(span(minutes)).toBe(said));

test.each([
  [0, "0 ends"],
  [1, "1 end"],
  [1000, "1,000 ends"],
])("%i", (value, said) => expect(many(value, "end")).toBe(said));

test.each([
  ["2026-03-01", "2026-03-01", " of 2026-03-01"],
  ["2026-03-01", "2026-03-02", " from 2026-03-01 to 2026-03-02"],
  [null, null, " without a date"],
])("%s to %s", (firstDay, lastDay, said) => expect(period({ ...reportNaming("Jane"), firstDay, lastDay })).toBe(said));

test("an export without a record is not one without an end", () => {
  const report = reportNaming("Jane");
  const empty = { ...report, read: { ...report.read, records: 0 } };
  expect(endsLine(empty)).toContain("no record");
  expect(period({ ...empty, firstDay: null, lastDay: null })).toBe("");
});
