import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance } from "../../../shared/settings/fields.ts";
import { problemsOf } from "./reading.ts";

test.each([
  ["CUTOFFMODE", "CUTOFF_MODE"],
  ["cutoff_mode", "CUTOFF_MODE"],
  ["CUTOFF_MODES", "CUTOFF_MODE"],
  ["CUT_OFF_STOP", "CUTOFF_STOP"],
  ["EXCLUDED_PRINCIPAL", "EXCLUDED_PRINCIPALS"],
  ["INCLUDE_PRINCIPALS", "INCLUDED_PRINCIPALS"],
  ["AzureWebJobsStorage_accountName", "AzureWebJobsStorage__accountName"],
  ["AZURE_CLIENTID", "AZURE_CLIENT_ID"],
])("%s: did you mean %s?", (given, meant) => {
  expect(problemsOf({ [given]: "a value" })).toEqual([
    expect.objectContaining({ setting: given, expected: expect.stringContaining(`did you mean ${meant}?`) }),
  ]);
});

test.each([
  ["WHEN_UNREADABLE", "hold"],
  ["WHEN_UNREADABLE", "revoke"],
  ["REVOKE_WHEN_REACTIVATED", "false"],
  ["REVOKE_WHEN_REACTIVATED", "true"],
])("%s=%s is gone: it is said so, and where to read why", (setting, value) => {
  const problems = problemsOf({ [setting]: value });
  expect(problems).toEqual([
    expect.objectContaining({ setting, found: "a setting that is gone", example: `(remove ${setting})` }),
  ]);
  expect(problems[0]?.expected).toMatch(/^nothing: .*docs\/faq\.md/);
});

test("a setting that is gone and empty is none", () => {
  expect(problemsOf({ WHEN_UNREADABLE: " " })).toEqual([]);
});

describe("edit distance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["cutoff", "cuttoff", 1],
    ["kitten", "sitting", 3],
  ])("from %j to %j it is %i", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  test("beyond a bound it is some number above it, up to it the same", () => {
    const text = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
    fc.assert(
      fc.property(text, text, fc.nat(8), (from, to, most) => {
        const distance = editDistance(from, to);
        const bounded = editDistance(from, to, most);
        expect(distance > most ? bounded > most : bounded === distance).toBe(true);
      }),
    );
  });
});
