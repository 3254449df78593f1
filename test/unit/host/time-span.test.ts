import { expect, it } from "vitest";
import { parseTimeSpan } from "../../../local/host/time-span.ts";

it.each([
  ["00:00:01", 1000],
  ["00:00:00.250", 250],
  ["01:30", 5_400_000],
  ["1.02:00:00", 93_600_000],
  ["24:00:00", undefined],
  ["00:00:60", undefined],
  ["5", undefined],
])("parseTimeSpan(%j) is %j", (text, expected) => {
  expect(parseTimeSpan(text)).toBe(expected);
});
