import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settingFields } from "../../../../shared/settings/definitions.ts";
import { formatProblems, readSettings } from "../../../../shared/settings/read.ts";
import { namesOf, problemsOf } from "./reading.ts";

describe("problems", () => {
  test("all of them at once, whatever hides behind another", () => {
    const names = namesOf({
      CUTOFF_MODE: "enforce",
      CUTTOFF_STOP: "true",
      EXCLUDED_PRINCIPALS: "jane",
      RESYNC_SECONDS: "1",
      STALE_AFTER_HOURS: "x",
      GRAPH_ENDPOINT: "https://evil.example",
      AZURE_CLIENT_ID: "x",
      AZURE_CLIENT_SECRET: "x",
      AzureWebJobsStorage: "x",
    });
    expect(names.sort()).toEqual(
      [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AzureWebJobsStorage",
        "AzureWebJobsStorage",
        "CUTTOFF_STOP",
        "EXCLUDED_PRINCIPALS",
        "GRAPH_ENDPOINT",
        "INCLUDED_PRINCIPALS",
        "RESYNC_SECONDS",
        "STALE_AFTER_HOURS",
      ].sort(),
    );
  });

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

  test("every setting of the schema tells what it expects, with an example that it accepts", () => {
    for (const [setting, field] of Object.entries(settingFields)) {
      const [problem] = problemsOf({ [setting]: "%" }).filter((candidate) => candidate.setting === setting);
      if (problem === undefined) continue; // A free text: everything is accepted.
      expect(problem.expected).not.toBe("");
      expect(field.safeParse(problem.example).success).toBe(true);
    }
  });

  test("no secret is ever shown", () => {
    const secret = fc
      .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
      .filter((text) => text.trim() === text && /[^a-z ]/.test(text) && !shownAnyway.includes(text));
    const secretSetting = fc.constantFrom(
      "AZURE_CLIENT_SECRET",
      "AZURE_CLIENT_SECRETT",
      "CUTOFF_SECRET",
      "CUTOFF_SECRET_PREVIOUS",
      "AZURE_CLIENT_CERTIFICATE_PATH",
      "AZURE_CLIENT_ID",
      "AZURE_TENANT_ID",
      "AzureWebJobsStorage",
      "AzureWebJobsStorage__tableServiceUri",
      "GRAPH_ENDPOINT",
      "INCLUDED_PRINCIPALS",
    );
    const shape = fc.constantFrom(
      (text: string) => text,
      (text: string) => `DefaultEndpointsProtocol=https;AccountName=pimcutoff;AccountKey=${text}`,
      (text: string) => `SharedAccessSignature=${text}`,
      (text: string) => `https://pimcutoff.table.core.windows.net/?sig=${text}`,
    );
    fc.assert(
      fc.property(secret, secretSetting, shape, (text, setting, shaped) => {
        const reading = readSettings({ CUTOFF_MODE: "wrong", [setting]: shaped(text) });
        const problems = reading.ok ? [] : reading.problems;
        expect(problems.length).toBeGreaterThan(0);
        expect(formatProblems(problems)).not.toContain(text);
      }),
      { numRuns: 500 },
    );
  });

  /** What problems say whatever is set: a "secret" that is part of it proves nothing. */
  const shownAnyway = formatProblems([
    ...problemsOf(Object.fromEntries(Object.keys(settingFields).map((name) => [name, "%"]))),
    ...problemsOf({ AZURE_CLIENT_SECRETT: "%" }),
  ]);
});
