import { describe, expect, test } from "vitest";
import { readSettings } from "../../../shared/settings/read.ts";
import type { RawSettings } from "../../../shared/settings/settings.ts";
import { CUTOFF_SECRET, jane, namesOf, omar, problemsOf, settingsOf, storage } from "./reading.ts";

test("enforce needs a scope", () => {
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

test("a secret that stands twice was not rotated", () => {
  expect(problemsOf({ CUTOFF_SECRET_PREVIOUS: CUTOFF_SECRET })).toMatchObject([
    { setting: "CUTOFF_SECRET_PREVIOUS", found: "the same secret as in CUTOFF_SECRET" },
  ]);
});

test("operators need the tenant that identifies them", () => {
  expect(namesOf({ OPERATORS_AUDIENCE: omar })).toEqual(["AZURE_TENANT_ID"]);
});

describe("credential", () => {
  const app = { AZURE_TENANT_ID: jane, AZURE_CLIENT_ID: omar };

  test("a secret or certificate needs tenant and client id", () => {
    expect(namesOf({ AZURE_CLIENT_SECRET: "s" })).toEqual(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]);
    expect(namesOf({ AZURE_CLIENT_CERTIFICATE_PATH: "/a", AZURE_TENANT_ID: jane })).toEqual(["AZURE_CLIENT_ID"]);
  });

  test("secret and certificate together are refused", () => {
    expect(namesOf({ ...app, AZURE_CLIENT_SECRET: "s", AZURE_CLIENT_CERTIFICATE_PATH: "/a" })).toEqual([
      "AZURE_CLIENT_SECRET",
    ]);
  });
});

describe("webhook", () => {
  const NOTIFY_WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

  test.each<[string, RawSettings, string]>([
    ["without a secret", { NOTIFY_WEBHOOK_URL: "https://a.example/" }, "NOTIFY_WEBHOOK_SECRET"],
    ["without a URL", { NOTIFY_WEBHOOK_SECRET }, "NOTIFY_WEBHOOK_URL"],
  ])("%s is refused", (_, env, setting) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found: "nothing" }]);
  });
});

describe("storage", () => {
  const alone = (env: RawSettings) => readSettings({ CUTOFF_SECRET, ...env });

  test.each<[string, RawSettings, string]>([
    ["nothing", {}, "AzureWebJobsStorage__accountName"],
    [
      "only the table's URI",
      { AzureWebJobsStorage__tableServiceUri: "https://a.table.core.windows.net" },
      "AzureWebJobsStorage__queueServiceUri",
    ],
    [
      "only the queue's URI",
      { AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.windows.net" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
    ["two ways", { ...storage, AzureWebJobsStorage: "UseDevelopmentStorage=true" }, "AzureWebJobsStorage"],
    ["a wrong name", { AzureWebJobsStorage__accountName: "Wrong" }, "AzureWebJobsStorage__accountName"],
    ["another credential", { ...storage, AzureWebJobsStorage__credential: "x" }, "AzureWebJobsStorage__credential"],
  ])("%s is a problem", (_, env, setting) => {
    const reading = alone(env);
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.setting)).toEqual([setting]);
  });
});

describe("audit stream", () => {
  test.each([
    { name: "AUDIT_EVENTHUB_NAME", value: "hub", missing: "AUDIT_EVENTHUB__fullyQualifiedNamespace" },
    {
      name: "AUDIT_EVENTHUB__fullyQualifiedNamespace",
      value: "pimcutoff.servicebus.windows.net",
      missing: "AUDIT_EVENTHUB_NAME",
    },
  ])("half a stream is a problem: $missing is missing", ({ name, value, missing }) => {
    expect(problemsOf({ [name]: value })).toMatchObject([{ setting: missing, found: "nothing" }]);
  });

  test("a connection string with a key is not taken instead", () => {
    expect(
      problemsOf({ AUDIT_EVENTHUB: "Endpoint=sb://x/;SharedAccessKey=k", AUDIT_EVENTHUB_NAME: "hub" }),
    ).toMatchObject([{ setting: "AUDIT_EVENTHUB__fullyQualifiedNamespace" }]);
  });
});
