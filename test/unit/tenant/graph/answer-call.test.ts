import { expect, test } from "vitest";
import { codeOf, tenantForTest } from "../fixture.ts";

test("every answer bears the tenant's Date, request ids and the mark of the simulation", async () => {
  const { control, graph } = await tenantForTest();
  const { now } = await control.setClock({ jumpMs: 3_600_000 });
  const { headers } = await graph("/users/nobody", undefined, { "client-request-id": "mine" });
  expect(headers.get("date")).toBe(new Date(now).toUTCString());
  expect(headers.get("x-simulated")).toBe("true");
  expect(headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("client-request-id")).toBe("mine");
});

test("errors have Graph's shape", async () => {
  const { graph } = await tenantForTest();
  const { body } = await graph("/users/nobody", undefined, { "client-request-id": "mine" });
  expect(body.error).toEqual({
    code: "Request_ResourceNotFound",
    message: expect.stringContaining("nobody"),
    innerError: { date: expect.any(String), "request-id": expect.any(String), "client-request-id": "mine" },
  });
});

test.each(["", "Bearer nonsense"])("refuses the authorization '%s'", async (authorization) => {
  const { graph } = await tenantForTest();
  const answer = await graph("/users/nobody", undefined, { authorization });
  expect([answer.status, codeOf(answer)]).toEqual([401, "InvalidAuthenticationToken"]);
});

test("refuses a token that has expired by the tenant's time, and a user's token", async () => {
  const { control, graph, token } = await tenantForTest();
  const authorization = `Bearer ${await token()}`;
  await control.setClock({ jumpMs: 86_401_000 });
  expect((await graph("/users/nobody", undefined, { authorization })).status).toBe(401);
  const { id } = await control.createUser({ name: "jane" });
  const session = await control.signIn({ userId: id, client: "portal", cae: false });
  const asUser = { authorization: `Bearer ${session.accessToken}` };
  expect((await graph(`/users/${id}`, undefined, asUser)).status).toBe(401);
});

const someone = "00000000-0000-4000-8000-000000000000";

test.each([
  ["/roleManagement/directory/roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory"],
  ["/roleManagement/directory/roleAssignmentScheduleInstances", "RoleManagement.Read.Directory"],
  [`/roleManagement/directory/roleAssignments?$filter=principalId eq '${someone}'`, "RoleManagement.Read.Directory"],
  ["/roleManagement/directory/roleDefinitions", "RoleManagement.Read.Directory"],
  [`/users/${someone}`, "User.Read.All"],
  [`/groups/${someone}/members`, "GroupMember.Read.All"],
  [`/groups/${someone}/members`, "Group.Read.All"],
])("GET %s needs the documented permission", async (path, permission) => {
  const { control, graph } = await tenantForTest();
  await control.changeSettings({ permissions: ["AuditLog.Read.All"] });
  const refused = await graph(path);
  expect([refused.status, codeOf(refused)]).toEqual([403, "Authorization_RequestDenied"]);
  await control.changeSettings({ permissions: [permission] });
  expect([200, 404]).toContain((await graph(path)).status);
});

test.each([
  ["revokeSignInSessions", ["User.RevokeSessions.All"], ["User.Read.All"]],
  ["getMemberGroups", ["User.Read.All", "GroupMember.Read.All"], ["User.Read.All"]],
  ["getMemberGroups", ["User.Read.All", "Group.Read.All"], ["Group.Read.All"]],
])("POST %s needs the documented permissions", async (action, enough, tooLittle) => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const body = { securityEnabledOnly: true };
  await control.changeSettings({ permissions: tooLittle });
  expect((await graph(`/users/${id}/${action}`, body)).status).toBe(403);
  await control.changeSettings({ permissions: enough });
  expect((await graph(`/users/${id}/${action}`, body)).status).toBe(200);
});

test("a change of permissions shows in the next token, or at once if asked", async () => {
  const { control, graph, token } = await tenantForTest();
  const authorization = `Bearer ${await token()}`;
  const status = async () => (await graph(`/users/${someone}`, undefined, { authorization })).status;
  await control.changeSettings({ permissions: [] });
  expect(await status()).toBe(404);
  await control.changeSettings({ permissionsApplyAtOnce: true });
  expect(await status()).toBe(403);
});

test("an unknown path is a bad request", async () => {
  const { graph } = await tenantForTest();
  const answer = await graph("/me/messages");
  expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
});

test("a path that is not well encoded is a bad request", async () => {
  const { graph, tenant } = await tenantForTest();
  expect((await graph("/users/%")).status).toBe(400);
  expect((await fetch(`${tenant.url}/simulator/users/%`, { method: "DELETE" })).status).toBe(400);
});
