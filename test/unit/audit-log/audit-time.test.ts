import { expect, test } from "vitest";
import { auditTime } from "../../../shared/audit-log/record.ts";

test.each([
  ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"],
  ["2026-03-01T10:00:00.94Z", "2026-03-01T10:00:00.94Z"],
  ["2026-03-01T10:00:00.9455924Z", "2026-03-01T10:00:00.9455924Z"],
  ["2026-03-01T10:00:00.9455924+00:00", "2026-03-01T10:00:00.9455924Z"],
  ["2026-03-01T12:00:00.9+02:00", "2026-03-01T10:00:00.9Z"],
  ["2026-03-01 10:00:00.087554000", "2026-03-01T10:00:00.087554Z"],
  ["2026-03-01T10:00:00", "2026-03-01T10:00:00Z"],
])("reads %s", (written, canonical) => {
  expect(auditTime.parse(written)).toBe(canonical);
});

test.each(["", "yesterday", "2026-03-01", "2026-02-30T10:00:00Z", "2026-03-01T10:00Z", 1_772_359_200, null])(
  "does not take %j for a time",
  (junk) => {
    expect(auditTime.safeParse(junk).success).toBe(false);
  },
);
