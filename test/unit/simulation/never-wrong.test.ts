import { describe, expect, test } from "vitest";
import { neverWrongNorEarly } from "../../simulation/judge/never-wrong.ts";
import { evidenceOf, minute, record, revokeAt, source } from "./evidence.ts";

const end = 30 * minute;
const why = (sources: Parameters<typeof evidenceOf>[0], at: number, outcomes: Parameters<typeof evidenceOf>[1] = []) =>
  neverWrongNorEarly(evidenceOf(sources, outcomes, { revokes: [revokeAt(at)] })).map((breach) => breach.why);

describe("a call", () => {
  test("follows a loss", () => {
    expect(why([source(0, end)], end + 1000)).toEqual([]);
    expect(why([source(0, end)], end - 1000)).toEqual(["revoked 1000 ms before the privilege was really gone"]);
    expect(why([source(0, null)], end)).toEqual(["revoked although no privilege was lost"]);
  });

  test("never follows the end of a source while another gives the privilege, unless nobody could know that one", () => {
    expect(why([source(0, end), source(0, null)], end + 1000)).toEqual(["revoked although no privilege was lost"]);
    expect(why([source(0, end), source(end - minute, null)], end + 1000)).toEqual([]);
    expect(why([source(0, end), source(end - minute, null)], end + 5 * minute)).toEqual([
      "revoked although every lost privilege is held again or another way",
    ]);
  });

  test("may follow what the audit log alone reported, in whichever scope, but not while the whole directory is held", () => {
    const scope = "/administrativeUnits/1";
    const recorded = [record(end + 5000, "revoked", { audited: true, scope: "unknown", cutOff: end })];
    const brief = source(end - 20_000, end, { scope });
    expect(why([brief, source(0, null, { scope })], end + 6000, recorded)).toEqual([]);
    expect(why([brief, source(0, null)], end + 6000, recorded)).not.toEqual([]);
    expect(why([source(0, end, { scope }), source(0, null, { scope })], end + 6000, recorded)).not.toEqual([]);
  });
});
