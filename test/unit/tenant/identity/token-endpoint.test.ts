import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { tenantForTest, userAdministrator } from "../fixture.ts";

test("a refresh brings the roles of the moment", async () => {
  const { control, activated, refresh } = await tenantForTest();
  const { userId, scheduleId } = await activated();
  const session = await control.signIn({ userId, client: "portal", cae: true });
  expect(decodeJwt(session.accessToken)).toMatchObject({ oid: userId, wids: [userAdministrator], xms_cc: ["cp1"] });
  await control.remove(scheduleId);
  await control.setClock({ jumpMs: 1000 });
  const { status, body } = await refresh(session.refreshToken);
  expect(status).toBe(200);
  expect(decodeJwt(String(body.access_token))).toMatchObject({ oid: userId, wids: [] });
});

test("the token service may lag behind the directory", async () => {
  const { control, activated, refresh } = await tenantForTest();
  const { userId, scheduleId } = await activated();
  const session = await control.signIn({ userId, client: "portal", cae: true });
  await control.hold({ store: "tokenService", replica: 0 });
  await control.remove(scheduleId);
  await control.setClock({ jumpMs: 1000 });
  const { body } = await refresh(session.refreshToken);
  expect(decodeJwt(String(body.access_token))).toMatchObject({ wids: [userAdministrator] });
});

test("wids holds tenant-wide built-in roles, own ones and those of groups; groups the group", async () => {
  const { control } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const group = await control.createGroup({ name: "admins", isAssignableToRole: true });
  await control.addMember(group.id, id);
  const custom = await control.createRole({ name: "Printer Wizard" });
  const unit = "/administrativeUnits/00000000-0000-4000-8000-000000000000";
  await control.assign({ principalId: group.id, roleDefinitionId: userAdministrator });
  await control.assign({ principalId: id, roleDefinitionId: custom.id });
  await control.assign({
    principalId: id,
    roleDefinitionId: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    directoryScopeId: unit,
  });
  const { accessToken } = await control.signIn({ userId: id, client: "tool", cae: false });
  expect(decodeJwt(accessToken)).toMatchObject({ wids: [userAdministrator], groups: [group.id] });
});

test("tokens live 28 hours under CAE, otherwise 60 to 90 minutes", async () => {
  const { control } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  expect((await control.signIn({ userId: id, client: "portal", cae: true })).expiresIn).toBe(28 * 3600);
  const lives = new Set<number>();
  for (let turn = 0; turn < 10; turn += 1) {
    lives.add((await control.signIn({ userId: id, client: "tool", cae: false })).expiresIn);
  }
  expect(Math.min(...lives)).toBeGreaterThanOrEqual(3600);
  expect(Math.max(...lives)).toBeLessThanOrEqual(5400);
  expect(lives.size).toBeGreaterThan(1);
});

test("after a revoke no earlier session can refresh, and a new one can", async () => {
  const { control, revoke, refresh } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const before = await control.signIn({ userId: id, client: "portal", cae: true });
  await control.setClock({ jumpMs: 2000 });
  await revoke(id);
  const { status, body } = await refresh(before.refreshToken);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: "invalid_grant", error_codes: [50173] });
  const after = await control.signIn({ userId: id, client: "portal", cae: true });
  expect((await refresh(after.refreshToken)).status).toBe(200);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "refreshRefused", userId: id, client: "portal", error: "AADSTS50173" }),
  );
});

test("a disabled or deleted user can neither refresh nor sign in", async () => {
  const { control, refresh } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const session = { userId: id, client: "portal", cae: true };
  const { refreshToken } = await control.signIn(session);
  await control.changeUser(id, { accountEnabled: false });
  expect((await refresh(refreshToken)).body).toMatchObject({ error_codes: [50057] });
  await expect(control.signIn(session)).rejects.toThrow("disabled");
  await control.deleteUser(id);
  expect((await refresh(refreshToken)).body).toMatchObject({ error_codes: [50034] });
  await expect(control.signIn(session)).rejects.toThrow("there is no user");
});

test("only known refresh tokens are taken, and only that grant", async () => {
  const { refresh, tenant } = await tenantForTest();
  expect((await refresh("made up")).body).toMatchObject({ error: "invalid_grant" });
  const body = new URLSearchParams({ grant_type: "password" });
  const response = await fetch(`${tenant.url}/${tenant.tenantId}/oauth2/v2.0/token`, { method: "POST", body });
  expect(await response.json()).toMatchObject({ error: "unsupported_grant_type" });
});
