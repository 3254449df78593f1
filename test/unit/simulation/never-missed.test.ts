import { describe, expect, test } from "vitest";
import { neverMissed } from "../../simulation/judge/never-missed.ts";
import { evidenceOf, minute, record, revokeAt, source } from "./evidence.ts";

const end = 30 * minute;
const why = (...given: Parameters<typeof evidenceOf>) => neverMissed(evidenceOf(...given)).map((breach) => breach.why);

describe("a loss", () => {
  test("must be recorded and settled in time", () => {
    const revokes = [revokeAt(end + 1500)];
    expect(why([source(0, end)], [record(end + 1000, "revoked")], { revokes })).toEqual([]);
    expect(why([source(0, end)], [])).toEqual(["the privilege was lost and nothing was recorded"]);
    const late = record(end + 1000, "excluded", { closedAt: end + 60_000 });
    expect(why([source(0, end)], [late])).toEqual(["not settled within 3 s although nothing was in the way"]);
  });

  test("may be found late while another source is shown by mistake", () => {
    const stale = source(0, end - minute, { forgottenAt: end + 3 * minute });
    const late = record(end + 60_000, "excluded");
    expect(why([source(0, end), stale], [late])).toEqual([]);
  });

  test("is excused as still held only if something gives the privilege again, or its loss is reported later", () => {
    const excuse = record(end + 1000, "stillHeld");
    expect(why([source(0, end)], [excuse])).toEqual(["excused as still held, but nothing gave the privilege any more"]);
    expect(why([source(0, end), source(end + 100, null)], [excuse])).toEqual([]);
  });

  test("need not be seen if the gap before something gives it again is short, and longer for a new source", () => {
    const again = (gap: number) => source(end + gap, null);
    expect(why([source(0, end), again(2 * minute)], [])).toEqual([]);
    expect(why([source(0, end), again(4 * minute)], [])).toEqual(["the privilege was lost and nothing was recorded"]);
    expect(why([source(end - 4 * minute, end), again(3.5 * minute)], [])).toEqual([]);
  });

  test("in one unit is none while the whole directory is held", () => {
    expect(why([source(0, end, { scope: "/administrativeUnits/1" }), source(0, null)], [])).toEqual([]);
  });
});
