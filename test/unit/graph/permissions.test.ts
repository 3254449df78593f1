import { describe, expect, it } from "vitest";
import { endpoints, permissions } from "../../../shared/graph/permissions.ts";

describe("permissions", () => {
  it("are those that the endpoints need, each once, and none that writes anything but a revocation", () => {
    const needed = new Set(Object.values(endpoints).flatMap(({ permission }) => (permission ? [permission] : [])));
    expect(new Set(permissions)).toEqual(needed);
    expect(permissions.map(({ name }) => name).toSorted()).toEqual([
      "AuditLog.Read.All",
      "Group.Read.All",
      "GroupMember.Read.All",
      "PrivilegedAssignmentSchedule.Read.AzureADGroup",
      "RoleAssignmentSchedule.Read.Directory",
      "RoleManagement.Read.Directory",
      "User.Read.All",
      "User.RevokeSessions.All",
    ]);
    expect(new Set(permissions.map(({ appRoleId }) => appRoleId)).size).toBe(8);
  });
});
