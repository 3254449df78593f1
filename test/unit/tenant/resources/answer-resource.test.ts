import { expect, test } from "vitest";
import { tenantForTest, userAdministrator } from "../fixture.ts";

const wids = `trusts-wids?role=${userAdministrator}`;
const live = `looks-up-live?role=${userAdministrator}`;
const cached = `caches-lookup?role=${userAdministrator}`;

/** Jane has activated a role and works with a CAE client and one without CAE. */
async function janeAtWork() {
  const world = await tenantForTest();
  const { userId, scheduleId } = await world.activated();
  const portal = await world.control.signIn({ userId, client: "portal", cae: true });
  const tool = await world.control.signIn({ userId, client: "tool", cae: false });
  const call = async (token: { accessToken: string }, path: string) =>
    (await world.resource(token.accessToken, path)).status;
  return { ...world, userId, scheduleId, portal, tool, call };
}

test("with the role in token and directory, all four kinds say yes", async () => {
  const { control, activated, resource } = await tenantForTest();
  const { userId } = await activated();
  const group = await control.createGroup({ name: "admins" });
  await control.addMember(group.id, userId);
  const { accessToken } = await control.signIn({ userId, client: "tool", cae: false });
  for (const path of [wids, live, cached, `trusts-groups?group=${group.id}`]) {
    expect((await resource(accessToken, path)).status).toBe(200);
  }
});

test("after the role's end the token keeps its power where it is trusted, and where the look-up is cached", async () => {
  const { control, portal, tool, call, scheduleId } = await janeAtWork();
  expect(await call(tool, cached)).toBe(200);
  await control.remove(scheduleId);
  await control.setClock({ jumpMs: 5000 });
  expect(await call(portal, wids)).toBe(200);
  expect(await call(tool, wids)).toBe(200);
  expect(await call(tool, live)).toBe(403);
  expect(await call(tool, cached)).toBe(200);
  await control.setClock({ jumpMs: 600_000 });
  expect(await call(tool, cached)).toBe(403);
});

test("after a revoke the CAE client is challenged once the news is through, and the other is not", async () => {
  const { control, portal, tool, call, revoke, resource, userId } = await janeAtWork();
  await control.setClock({ jumpMs: 2000 });
  await revoke(userId);
  expect(await call(portal, wids)).toBe(200);
  await control.setClock({ jumpMs: 300 });
  const { status, headers } = await resource(portal.accessToken, wids);
  expect(status).toBe(401);
  const challenge = headers.get("www-authenticate") ?? "";
  expect(challenge).toMatch(/^Bearer .*error="insufficient_claims", claims="[^"]+"$/);
  const claims = Buffer.from(/claims="([^"]+)"/.exec(challenge)?.[1] ?? "", "base64").toString();
  expect(JSON.parse(claims)).toEqual({ access_token: { nbf: { essential: true, value: expect.any(String) } } });
  expect(await call(tool, wids)).toBe(200);
  const again = await control.signIn({ userId, client: "portal", cae: true });
  expect(await call(again, wids)).toBe(200);
});

test("a token without CAE lives until it expires", async () => {
  const { control, tool, call, revoke, resource, userId } = await janeAtWork();
  await revoke(userId);
  await control.setClock({ jumpMs: tool.expiresIn * 1000 - 2000 });
  expect(await call(tool, wids)).toBe(200);
  await control.setClock({ jumpMs: 2000 });
  const { status, body } = await resource(tool.accessToken, wids);
  expect([status, body.result]).toEqual([401, "expired"]);
});

test("CAE also rejects a disabled user's token", async () => {
  const { control, portal, tool, call, userId } = await janeAtWork();
  await control.changeUser(userId, { accountEnabled: false });
  await control.setClock({ jumpMs: 300 });
  expect([await call(portal, wids), await call(tool, wids)]).toEqual([401, 200]);
});

test("a guest's session outlives a revoke", async () => {
  const { control, call, revoke } = await janeAtWork();
  const { id } = await control.createUser({ name: "sam", kind: "guest" });
  await control.assign({ principalId: id, roleDefinitionId: userAdministrator });
  const session = await control.signIn({ userId: id, client: "portal", cae: true });
  await control.setClock({ jumpMs: 2000 });
  await revoke(id);
  await control.setClock({ jumpMs: 60_000 });
  expect(await call(session, wids)).toBe(200);
});

test("the history holds every call and its result", async () => {
  const { control, portal, tool, call, scheduleId, userId } = await janeAtWork();
  await call(portal, wids);
  await control.remove(scheduleId);
  await control.setClock({ jumpMs: 5000 });
  await call(tool, live);
  await call({ accessToken: "nonsense" }, live);
  const calls = (await control.history()).filter(({ event }) => event === "resourceCalled");
  expect(calls).toMatchObject([
    { resource: "trusts-wids", userId, client: "portal", status: 200, reason: "allowed" },
    { resource: "looks-up-live", userId, client: "tool", status: 403, reason: "noRole" },
    { resource: "looks-up-live", userId: null, client: null, status: 401, reason: "badToken" },
  ]);
});
