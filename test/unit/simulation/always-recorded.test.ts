import { describe, expect, test } from "vitest";
import { alwaysRecorded } from "../../simulation/judge/always-recorded.ts";
import { evidenceOf, minute, record, revokeAt, source } from "./evidence.ts";

const end = 30 * minute;
const why = (...given: Parameters<typeof evidenceOf>) =>
  alwaysRecorded(evidenceOf(...given)).map((breach) => breach.why);
const revokes = [revokeAt(end + 1500)];

describe("what is recorded", () => {
  test("is one outcome per loss, whichever source ended last", () => {
    const both = [source(0, end), source(0, end - 200)];
    const recorded = record(end + 1000, "revoked", { closedAt: end + 2000 });
    expect(why(both, [recorded], { revokes })).toEqual([]);
    expect(why(both, [recorded, { ...recorded }], { revokes })).toEqual(["one loss has two outcomes"]);
  });

  test("is another loss for what came and went while nobody could see it, and only then", () => {
    const outage = { what: "downtime", from: end - 25 * minute, to: end + 11 * minute };
    const both = [source(0, end - 20 * minute), source(end - 24 * minute, end)];
    const at = outage.to + minute;
    const found = record(at, "revoked", { closedAt: at + 2000 });
    const rows = [found, { ...found, audited: true, scope: "unknown", cutOff: end }];
    const cut = { revokes: [revokeAt(at + 1500)] };
    expect(why(both, rows, { ...cut, disturbances: [outage] })).toEqual([]);
    expect(why(both, rows, cut)).toEqual(["one loss has two outcomes"]);
    const seen = [source(0, end - 20 * minute), source(outage.from - minute, end)];
    expect(why(seen, rows, { ...cut, disturbances: [outage] })).toEqual(["one loss has two outcomes"]);
  });

  test("is that a wider privilege went on, where an outage hid which of the two ended last", () => {
    const scope = "/administrativeUnits/1";
    const both = [source(0, end, { scope }), source(0, end - 20 * minute)];
    const at = end + 3 * minute;
    const rows = [record(at, "revoked", { closedAt: at + 2000 }), record(at, "stillHeld", { scope })];
    const hides = (from: number) =>
      why(both, rows, {
        revokes: [revokeAt(at + 1500)],
        disturbances: [{ what: "downtime", from, to: end + 11 * minute }],
      });
    expect(hides(end - 25 * minute)).toEqual([]);
    expect(hides(end - 15 * minute)).toEqual(["recorded as still held, but nothing else gave that privilege"]);
  });

  test("reports no loss while another source gives the privilege, but that it is still held", () => {
    const both = [source(0, end), source(0, null)];
    expect(why(both, [record(end + 1000, "excluded")])).toEqual(["an outcome about a loss that never was"]);
    expect(why(both, [record(end + 1000, "stillHeld")])).toEqual([]);
    expect(why([source(0, end)], [record(end + 1000, "stillHeld")])).toEqual([
      "recorded as still held, but nothing else gave that privilege",
    ]);
    expect(why([source(0, null), source(0, null)], [record(end, "stillHeld")])).toEqual([
      "recorded as still held, but none of its sources had ended",
    ]);
  });

  test("has a cut-off before the loss only if Graph denied the privilege then", () => {
    const recorded = record(end + 1000, "revoked", { cutOff: end - minute, closedAt: end + 2000 });
    expect(why([source(0, end)], [recorded], { revokes })).toEqual([
      "its cut-off lies before the loss: older sessions would count as cut",
    ]);
    const denied = [{ from: end - minute, to: end - minute + 4000 }];
    expect(why([source(0, end, { denied })], [recorded], { revokes })).toEqual([]);
  });
});
