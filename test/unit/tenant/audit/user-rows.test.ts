import { expect, test } from "vitest";
import { auditedTenant, targetOf } from "./audit-fixture.ts";

test("what happens to an account is told with the user as the target", async () => {
  const { control, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeUser(id, { accountEnabled: false });
  await control.changeUser(id, { accountEnabled: true });
  await control.deleteUser(id);
  await pass(2_000);
  const told = await rows();
  expect(told.map(({ activityDisplayName }) => activityDisplayName).toSorted()).toEqual([
    "Delete user",
    "Disable account",
    "Enable account",
  ]);
  for (const row of told) {
    expect(row).toMatchObject({ category: "UserManagement", loggedByService: "Core Directory" });
    expect(targetOf(row, "User")).toMatchObject({ id, displayName: "jane" });
  }
});

test("a revocation leaves two traces of its app and no activity of its own name", async () => {
  const { control, tenant, revoke, rows, pass } = await auditedTenant();
  const { id } = await control.createUser({ name: "jane" });
  await revoke(id);
  await pass(2_000);
  const told = await rows();
  expect(told.map(({ activityDisplayName }) => activityDisplayName).toSorted()).toEqual([
    "Update StsRefreshTokenValidFrom Timestamp",
    "Update user",
  ]);
  for (const row of told) {
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
