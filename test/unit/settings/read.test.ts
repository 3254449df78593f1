import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { settingFields } from "../../../shared/settings/definitions.ts";
import { formatProblems, readProcessSettings, readSettings } from "../../../shared/settings/read.ts";
import { namesOf, problemsOf, settingsOf } from "./reading.ts";

afterEach(() => vi.unstubAllEnvs());

test("the settings are those of this process", () => {
  vi.stubEnv("AzureWebJobsStorage", "UseDevelopmentStorage=true");
  vi.stubEnv("CUTOFF_MODE", "off");
  vi.stubEnv("CUTOFF_SECRET", "a secret of at least thirty-two characters");
  expect(readProcessSettings()).toMatchObject({ ok: true, settings: { policy: { mode: "off" } } });
});

test("an empty setting counts as missing, spaces around a value do not count", () => {
  expect(settingsOf({ CUTOFF_MODE: "", EXCLUDED_PRINCIPALS: "  " })).toEqual(settingsOf({}));
  expect(settingsOf({ CUTOFF_MODE: " off\n" }).policy.mode).toBe("off");
});

test("settings of the platform and of other programs are passed over", () => {
  const others = {
    PATH: "/usr/bin",
    HOME: "/home/me",
    WEBSITE_SITE_NAME: "x",
    FUNCTIONS_WORKER_RUNTIME: "node",
    IDENTITY_ENDPOINT: "http://127.0.0.1:1/token",
    AzureWebJobsStorage__blobServiceUri: "https://pimcutoff.blob.core.windows.net",
    AzureWebJobsSecretStorageType: "files",
    APPSETTING_CUTOFF_MODE: "enforce",
    AZURE_CLIENT_CERTIFICATE_PASSWORD: "x",
  };
  expect(settingsOf(others)).toEqual(settingsOf({}));
});

const problem = {
  setting: "CUTOFF_MODE",
  found: '"on"',
  expected: "off, reportOnly or enforce",
  example: "reportOnly",
};

test("each problem is a line that names what to do", () => {
  expect(formatProblems([problem])).toBe(
    "One problem with the app settings. Nothing is watched until this is put right:\n" +
      '  CUTOFF_MODE: found "on"; expected off, reportOnly or enforce (example: reportOnly)',
  );
  expect(formatProblems([problem, problem])).toMatch(/^2 problems with the app settings\./);
});

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

/** What problems say whatever is set: a "secret" that is part of it proves nothing. */
const shownAnyway = formatProblems([
  ...problemsOf(Object.fromEntries(Object.keys(settingFields).map((name) => [name, "%"]))),
  ...problemsOf({ AZURE_CLIENT_SECRETT: "%" }),
]);

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
