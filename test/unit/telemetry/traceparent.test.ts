import { expect, test } from "vitest";
import { formatTraceparent, newTraceContext, parseTraceparent } from "../../../shared/telemetry/telemetry.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("a traceparent is read back as it was written", () => {
  expect(formatTraceparent({ traceId, spanId })).toBe(`00-${traceId}-${spanId}-01`);
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId });
  const fresh = newTraceContext();
  expect(parseTraceparent(formatTraceparent(fresh))).toEqual(fresh);
  expect(newTraceContext()).not.toEqual(fresh);
});

test.each([
  undefined,
  null,
  7,
  {},
  "",
  traceId,
  `01-${traceId}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-01 and more`,
])("%s is none", (value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});
