import { describe, expect, test } from "vitest";
import { formatProblems } from "../../../../shared/settings/read.ts";
import { jane, omar, problemsOf, settingsOf } from "./reading.ts";

describe("policy", () => {
  test("words count in any case", () => {
    const { policy } = settingsOf({ CUTOFF_MODE: "REPORTONLY", CUTOFF_STOP: "True" });
    expect(policy).toMatchObject({ mode: "reportOnly", stopped: true });
  });

  test("ids are lower-cased, separated by commas or spaces, and counted once", () => {
    const { policy } = settingsOf({
      INCLUDED_PRINCIPALS: `${jane.toUpperCase()}, ${jane}`,
      EXCLUDED_PRINCIPALS: `${omar}  ${omar.toUpperCase()};`,
    });
    expect(policy.included).toEqual(new Set([jane]));
    expect(policy.excluded).toEqual(new Set([omar]));
  });

  test("enforce needs to be told whom", () => {
    expect(problemsOf({ CUTOFF_MODE: "Enforce", INCLUDED_PRINCIPALS: " " })).toMatchObject([
      { setting: "INCLUDED_PRINCIPALS", found: "nothing", example: "all" },
    ]);
    expect(settingsOf({ CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "All" }).policy).toMatchObject({
      mode: "enforce",
      included: "all",
    });
    expect(settingsOf({ CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: jane }).policy.included).toEqual(new Set([jane]));
  });

  test("nobody is included and excluded", () => {
    const both = { INCLUDED_PRINCIPALS: `${jane} ${omar}`, EXCLUDED_PRINCIPALS: omar.toUpperCase() };
    expect(problemsOf(both)).toMatchObject([{ setting: "EXCLUDED_PRINCIPALS", found: expect.stringMatching(/^1 of/) }]);
  });

  test("what is no object id is told by its place and never shown", () => {
    const problems = problemsOf({ EXCLUDED_PRINCIPALS: `${jane}, jane@contoso.com, ${omar}0` });
    expect(problems.map(({ found }) => found)).toEqual([
      "entry 2 of 3, with 16 characters, is no object id",
      "entry 3 of 3, with 37 characters, is no object id",
    ]);
    expect(formatProblems(problems)).not.toContain("contoso");
  });

  test("a list without an entry is no list", () => {
    expect(problemsOf({ INCLUDED_PRINCIPALS: " , " })).toMatchObject([{ found: "a list without an entry" }]);
  });

  test.each([
    ["1", 1],
    ["720", 720],
  ])("STALE_AFTER_HOURS may be %s", (text, hours) => {
    expect(settingsOf({ STALE_AFTER_HOURS: text }).policy.staleAfter).toBe(hours * 3_600_000);
  });

  test.each([
    ["CUTOFF_MODE", "on"],
    ["CUTOFF_STOP", "yes"],
    ["STALE_AFTER_HOURS", "0"],
    ["STALE_AFTER_HOURS", "721"],
    ["STALE_AFTER_HOURS", "1.5"],
    ["STALE_AFTER_HOURS", "-1"],
    ["STALE_AFTER_HOURS", "1e2"],
    ["THRESHOLD_PLANNED", "3001"],
    ["THRESHOLD_UNPLANNED", "-1"],
    ["RESYNC_SECONDS", "4"],
    ["RESYNC_SECONDS", "7"],
    ["RESYNC_SECONDS", "301"],
    ["GRAPH_CLOUD", "germany"],
  ])("%s=%s is refused and shown", (setting, value) => {
    expect(problemsOf({ [setting]: value })).toMatchObject([{ setting, found: JSON.stringify(value) }]);
  });
});

describe("threshold", () => {
  test("nothing may be revoked without a person, or up to 3,000 users at once", () => {
    expect(settingsOf({ THRESHOLD_PLANNED: "3000", THRESHOLD_UNPLANNED: "0" }).threshold).toEqual({
      planned: 3000,
      unplanned: 0,
    });
  });
});
