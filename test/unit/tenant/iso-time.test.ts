import { expect, test } from "vitest";
import { epochSeconds, isoFraction, isoMilliseconds, isoSeconds } from "../../../local/tenant/iso-time.ts";

const time = Date.UTC(2026, 8, 6, 18, 40, 45, 843) + 0.75;

test.each([
  [0, "2026-09-06T18:40:45Z"],
  [2, "2026-09-06T18:40:45.84Z"],
  [3, "2026-09-06T18:40:45.843Z"],
  [7, "2026-09-06T18:40:45.8437500Z"],
])("writes %i digits of the second's fraction", (digits, text) => {
  expect(isoFraction(time, digits)).toBe(text);
});

test("cuts off, never rounds", () => {
  expect(isoMilliseconds(time)).toBe("2026-09-06T18:40:45.843Z");
  expect(isoSeconds(time)).toBe("2026-09-06T18:40:45Z");
  expect(epochSeconds(time)).toBe(Date.UTC(2026, 8, 6, 18, 40, 45) / 1000);
});
