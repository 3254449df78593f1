import { expect, test } from "vitest";
import { readSettings } from "../../../shared/settings/read.ts";
import { auditActivities, ruleActivities } from "../../../shared/signals/audit-activities.ts";

const base = {
  AzureWebJobsStorage__accountName: "pimcutoff",
  CUTOFF_SECRET: "0123456789abcdef0123456789abcdef",
};
const read = (env: Record<string, string>) => readSettings({ ...base, ...env });
const problemsOf = (env: Record<string, string>) => {
  const reading = read(env);
  return reading.ok ? [] : reading.problems;
};

test("rules are off until somebody names one", () => {
  expect(read({})).toMatchObject({ settings: { auditRules: new Set(), auditStream: null } });
});

test("are named in any case, separated by commas or semicolons", () => {
  expect(read({ AUDIT_RULES: "reset  password; Disable account," })).toMatchObject({
    settings: { auditRules: new Set(["Reset password", "Disable account"]) },
  });
});

test("an unknown name is a problem that tells the nearest one and not what was written", () => {
  expect(problemsOf({ AUDIT_RULES: "Rest password, Remove member from role" })).toMatchObject([
    {
      setting: "AUDIT_RULES",
      found: "2 unknown: a name of 13 characters (did you mean Reset password?); a name of 23 characters",
    },
  ]);
});

test("a list of nothing is a problem", () => {
  expect(problemsOf({ AUDIT_RULES: "," })).toMatchObject([
    { setting: "AUDIT_RULES", found: "a list without an entry" },
  ]);
});

test("never may our own traces be a rule: each revoke would lead to the next", () => {
  const meanings = ruleActivities.map((name) => auditActivities[name].means);
  expect(new Set(meanings)).toEqual(new Set(["userLifecycle", "securityEvent"]));
});

test("the stream is an event hub and its namespace", () => {
  const stream = {
    AUDIT_EVENTHUB_NAME: "insights-logs-auditlogs",
    AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
  };
  expect(read(stream)).toMatchObject({
    settings: { auditStream: { eventHubName: "insights-logs-auditlogs", consumerGroup: "$Default" } },
  });
  expect(read({ ...stream, AUDIT_EVENTHUB_CONSUMER_GROUP: "pim-cutoff" })).toMatchObject({
    settings: { auditStream: { consumerGroup: "pim-cutoff" } },
  });
});

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
