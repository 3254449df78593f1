import { expect, test } from "vitest";
import { asIso, logTime } from "../../../../../tools/replay/input/log-time.ts";

test.each([
  ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z"],
  ["2026-03-01 10:00:00.1234567", "2026-03-01T10:00:00.123Z"],
  ["2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00.000Z"],
  ["3/1/2026, 10:00:00.945 AM", "2026-03-01T10:00:00.945Z"],
  ["3/1/2026, 6:40:46 PM", "2026-03-01T18:40:46.000Z"],
  ["12/31/2026, 12:00:00 AM", "2026-12-31T00:00:00.000Z"],
  ["/Date(1772359200945)/", "2026-03-01T10:00:00.945Z"],
  ["/Date(1772359200945+0200)/", "2026-03-01T10:00:00.945Z"],
  [{ value: "/Date(1772359200945)/", DisplayHint: 2 }, "2026-03-01T10:00:00.945Z"],
  ["12/31/2026 12:00:00 PM", "2026-12-31T12:00:00.000Z"],
])("%j is %s", (written, at) => expect(new Date(logTime(written) ?? Number.NaN).toISOString()).toBe(at));

test.each([
  "1/3/2026, 10:00:00 am",
  "13/1/2026, 10:00:00 AM",
  "yesterday",
  "",
  null,
  1772359200,
  "/Date(999999999999999)/",
  "/Date(x)/",
])("%j may be anything, so it is nothing", (written) => expect(logTime(written)).toBeUndefined());

test("only American times are rewritten", () => {
  expect(asIso("2026-03-01T10:00:00.1234567Z")).toBe("2026-03-01T10:00:00.1234567Z");
  expect(asIso(undefined)).toBeUndefined();
});
