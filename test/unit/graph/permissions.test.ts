import { describe, expect, it } from "vitest";
import { endpoints, type Features, neededPermissions, permissions } from "../../../shared/graph/permissions.ts";

const everything: Features = { revoking: true, groups: true, subscriptions: true };
const namesFor = (features: Partial<Features>) =>
  neededPermissions({ ...everything, ...features })
    .map(({ name }) => name)
    .toSorted();

const always = ["AuditLog.Read.All", "RoleManagement.Read.Directory", "User.Read.All"];
const access = "PrivilegedAssignmentSchedule.Read.AzureADGroup";
const revoke = "User.RevokeSessions.All";

describe("permissions", () => {
  it("are those that the endpoints take, each once, and none that writes anything but a revocation", () => {
    const taken = new Set(Object.values(endpoints).flatMap(({ permissions }) => permissions));
    expect(new Set(permissions)).toEqual(taken);
    expect(new Set(permissions.map(({ appRoleId }) => appRoleId)).size).toBe(permissions.length);
    expect(permissions.filter(({ name }) => name !== revoke && /Write|Revoke|Manage\b/.test(name))).toEqual([]);
  });

  it.each([
    ["everything", {}, [...always, "Group.Read.All", access, revoke]],
    ["no notifications from Graph", { subscriptions: false }, [...always, "GroupMember.Read.All", access, revoke]],
    ["no group watched", { groups: false }, [...always, "GroupMember.Read.All", revoke]],
    ["neither", { groups: false, subscriptions: false }, [...always, "GroupMember.Read.All", revoke]],
    ["report-only", { revoking: false }, [...always, "Group.Read.All", access]],
  ] satisfies [string, Partial<Features>, string[]][])("%s: exactly these are needed", (_, features, names) => {
    expect(namesFor(features)).toEqual(names.toSorted());
  });

  it.each([true, false])(
    "none of those that are needed is enough for all that another is for (subscriptions: %s)",
    (subscriptions) => {
      const needed = neededPermissions({ ...everything, subscriptions });
      for (const permission of needed) {
        const others = needed.filter((other) => other !== permission);
        const lost = Object.values(endpoints).filter(
          ({ permissions: enough }) =>
            enough.some((one) => one === permission) && !enough.some((one) => others.some((other) => other === one)),
        );
        expect(lost.length, permission.name).toBeGreaterThan(0);
      }
    },
  );
});
