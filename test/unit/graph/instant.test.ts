import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { canonicalInstant, instantMs, instantMsCeil, isInstant } from "../../../shared/graph/instants-and-ids.ts";

describe("canonicalInstant", () => {
  it.each([
    ["2026-09-06T18:40:45.843Z", "2026-09-06T18:40:45.843Z"],
    ["2026-09-06T18:10:47.010Z", "2026-09-06T18:10:47.01Z"],
    ["2026-09-06T18:10:47.000Z", "2026-09-06T18:10:47Z"],
    ["2018-11-22T01:47:00.2455823Z", "2018-11-22T01:47:00.2455823Z"],
    ["2022-01-22T18:15:02.5168093+00:00", "2022-01-22T18:15:02.5168093Z"],
    ["2022-01-22T18:15:02.516809399Z", "2022-01-22T18:15:02.5168093Z"],
    ["2022-01-22 18:15:02+02:00", "2022-01-22T16:15:02Z"],
    ["2022-01-01T00:15:02-05:30", "2022-01-01T05:45:02Z"],
    ["2024-02-29t00:00:00z", "2024-02-29T00:00:00Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalInstant(text)).toBe(canonical);
  });

  it.each([
    "",
    "now",
    "2026-09-06",
    "2026-09-06T18:40:45",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-09-06T24:00:00Z",
    "2026-09-06T18:40:60Z",
    "2026-09-06T18:40:45.Z",
    "2026-09-06T18:40:45.1234567890Z",
    "2026-09-06T18:40:45+14:01",
    "2026-09-06T18:40:45+01:60",
    "0000-01-01T00:00:00+01:00",
    " 2026-09-06T18:40:45Z",
    "2026-09-06T18:40:45Z\n",
  ])("refuses %j without repeating it", (text) => {
    expect(isInstant(text)).toBe(false);
    for (const read of [canonicalInstant, instantMs, instantMsCeil]) {
      expect(() => read(text)).toThrow(GraphPermanentError);
      expect(() => read(text)).toThrow(expect.objectContaining({ code: "invalidInstant" }));
    }
  });
});

const moment = fc.record({
  ms: fc.integer({ min: Date.UTC(1, 0, 2), max: Date.UTC(9999, 11, 30) }).map((ms) => Math.floor(ms / 1000) * 1000),
  fraction: fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 9 }),
  offset: fc.integer({ min: -14 * 60, max: 14 * 60 }),
  separator: fc.constantFrom("T", " "),
});

/** The same moment as Graph might write it in some zone. */
function written({
  ms,
  fraction,
  offset,
  separator,
}: {
  ms: number;
  fraction: string;
  offset: number;
  separator: string;
}) {
  const local = new Date(ms + offset * 60_000).toISOString().slice(0, 19).replace("T", separator);
  const two = (value: number) => String(value).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${local}${fraction && `.${fraction}`}${zone}`;
}

describe("any moment", () => {
  it("has one canonical text, whatever the zone and the zeros", () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -840, max: 840 }), (one, offset) => {
        const canonical = canonicalInstant(written(one));
        expect(canonicalInstant(written({ ...one, offset }))).toBe(canonical);
        expect(canonicalInstant(canonical)).toBe(canonical);
        expect(canonical).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/);
      }),
    );
  });

  it("lies between its floor and its ceiling, which are at most a millisecond apart", () => {
    fc.assert(
      fc.property(moment, (one) => {
        const nanoseconds = Number(one.fraction.padEnd(9, "0"));
        const exact = nanoseconds / 1_000_000;
        expect(instantMs(written(one))).toBe(one.ms + Math.floor(exact));
        expect(instantMsCeil(written(one))).toBe(one.ms + Math.ceil(exact));
      }),
    );
  });
});
