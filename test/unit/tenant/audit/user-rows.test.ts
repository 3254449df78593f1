import { expect, test } from "vitest";
import { globalAdministrator } from "../fixture.ts";
import { auditedTenant, targetOf } from "./audit-fixture.ts";

test("what happens to an account is reported with the user as the target", async () => {
  const { control, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeUser(id, { accountEnabled: false });
  await control.changeUser(id, { accountEnabled: true });
  await control.deleteUser(id);
  await pass(2_000);
  const written = await rows();
  expect(written.map(({ activityDisplayName }) => activityDisplayName).toSorted()).toEqual([
    "Delete user",
    "Disable account",
    "Enable account",
  ]);
  for (const row of written) {
    expect(row).toMatchObject({ category: "UserManagement", loggedByService: "Core Directory" });
    expect(targetOf(row, "User")).toMatchObject({ id, displayName: "jane" });
  }
});

test("a revocation leaves two traces of its app and no activity of its own name", async () => {
  const { control, tenant, revoke, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "jane" });
  await revoke(id);
  await pass(2_000);
  const written = await rows();
  expect(written.map(({ activityDisplayName }) => activityDisplayName).toSorted()).toEqual([
    "Update StsRefreshTokenValidFrom Timestamp",
    "Update user",
  ]);
  for (const row of written) {
    expect(row).toMatchObject({ category: "UserManagement", operationType: "Update" });
    expect(row.initiatedBy).toMatchObject({ user: null, app: { appId: expect.any(String) } });
    expect(row.initiatedBy.app?.appId).not.toBe(tenant.tenantId);
  }
});

test("a revocation that does nothing leaves nothing", async () => {
  const { control, revoke, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "guest", kind: "guest" });
  expect((await revoke(id)).status).toBe(200);
  await pass(2_000);
  expect(await rows()).toEqual([]);
});

test("only a Global Administrator elevates access; it stays when the role ends, and rows name the user", async () => {
  const { control, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "jane" });
  await expect(control.elevateAccess(id)).rejects.toThrow("403");
  const { scheduleId } = await control.assign({ principalId: id, roleDefinitionId: globalAdministrator });
  await control.elevateAccess(id);
  await pass(400_000);
  await control.remove(scheduleId);
  await pass(60_000);
  await control.removeElevation(id);
  await expect(control.removeElevation(id)).rejects.toThrow("404");
  await pass(2_000);
  const written = (await rows()).filter(({ category }) => category === "AzureRBACRoleManagementElevateAccess");
  expect(written.map(({ activityDisplayName }) => activityDisplayName)).toEqual([
    "User has elevated their access to User Access Administrator for their Azure Resources",
    "The role assignment of User Access Administrator has been removed from the user",
  ]);
  for (const { initiatedBy, loggedByService, targetResources } of written) {
    expect(initiatedBy.user?.id).toBe(id);
    expect(loggedByService).toBe("Azure RBAC (Elevated Access)");
    expect(targetResources).toEqual([]);
  }
});
