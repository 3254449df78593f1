import { describe, expect, test } from "vitest";
import { jane, problemsOf, settingsOf } from "./reading.ts";

describe("roles and groups", () => {
  test("are all roles, and the groups that can hold one, unless told otherwise", () => {
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

describe("resync", () => {
  test.each([
    ["5", 5_000, "*/5 * * * * *"],
    ["30", 30_000, "*/30 * * * * *"],
    ["60", 60_000, "0 */1 * * * *"],
    ["300", 300_000, "0 */5 * * * *"],
  ])("every %s seconds", (text, intervalMs, schedule) => {
    expect(settingsOf({ RESYNC_SECONDS: text }).resync).toEqual({ intervalMs, schedule });
  });
});
