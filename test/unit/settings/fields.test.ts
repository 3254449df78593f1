import { describe, expect, test } from "vitest";
import { auditActivities, ruleActivities } from "../../../shared/base/audit-activities.ts";
import { formatProblems } from "../../../shared/settings/read.ts";
import { jane, omar, problemsOf, settingsOf } from "./reading.ts";

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

test("an entry that is no object id is reported by its place and never shown", () => {
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

describe("roles and groups", () => {
  test("are all roles, and the groups that can hold one, unless set otherwise", () => {
    expect(settingsOf({})).toMatchObject({ enforcedRoles: "all", watchedGroups: "auto" });
    expect(settingsOf({ ENFORCED_ROLES: "All", WATCHED_GROUPS: "None" })).toMatchObject({
      enforcedRoles: "all",
      watchedGroups: "none",
    });
  });

  test("role names hold spaces; group ids are lower-cased", () => {
    const { enforcedRoles, watchedGroups } = settingsOf({
      ENFORCED_ROLES: " Global Administrator ; User Administrator,",
      WATCHED_GROUPS: jane.toUpperCase(),
    });
    expect(enforcedRoles).toEqual(["Global Administrator", "User Administrator"]);
    expect(watchedGroups).toEqual(new Set([jane]));
  });
});

test.each([
  ["ENFORCED_ROLES", ";", "a list without an entry"],
  ["WATCHED_GROUPS", "all", "entry 1 of 1, with 3 characters, is no object id"],
])("%s=%s is refused and not shown", (setting, value, found) => {
  expect(problemsOf({ [setting]: value })).toMatchObject([{ setting, found }]);
});

describe("rules of the audit log", () => {
  test("are named in any case, separated by commas or semicolons", () => {
    expect(settingsOf({ AUDIT_RULES: "reset  password; Disable account," }).auditRules).toEqual(
      new Set(["Reset password", "Disable account"]),
    );
  });

  test("an unknown name is a problem that names the nearest one and not what was written", () => {
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
});

describe("secrets", () => {
  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ["none", { CUTOFF_SECRET: " " }, "CUTOFF_SECRET", "nothing"],
    ["a short one", { CUTOFF_SECRET: "x".repeat(31) }, "CUTOFF_SECRET", "a value of 31 characters"],
    ["a short one before", { CUTOFF_SECRET_PREVIOUS: "x" }, "CUTOFF_SECRET_PREVIOUS", "a value of 1 characters"],
    [
      "a reference to a key vault that nobody resolved",
      { CUTOFF_SECRET: "@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/cutoff)" },
      "CUTOFF_SECRET",
      "a reference that was not resolved",
    ],
    [
      "a short one of a webhook",
      { NOTIFY_WEBHOOK_URL: "https://a.example/", NOTIFY_WEBHOOK_SECRET: "whsec_AAAA" },
      "NOTIFY_WEBHOOK_SECRET",
      "a value of 10 characters",
    ],
  ])("%s is refused and not shown", (_, env, setting, found) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found }]);
  });
});
