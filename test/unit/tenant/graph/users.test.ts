import { expect, test } from "vitest";
import { codeOf, tenantForTest } from "../fixture.ts";

const decisive = "id,userType,creationType,externalUserState,accountEnabled,signInSessionsValidFromDateTime";

test("shows signInSessionsValidFromDateTime only when selected, in whole seconds", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const standard = await graph(`/users/${id}`);
  expect(standard.body).not.toHaveProperty("signInSessionsValidFromDateTime");
  expect(standard.body).not.toHaveProperty("userType");
  const { body } = await graph(`/users/${id}?$select=${decisive}`);
  expect(body).toMatchObject({
    id,
    userType: "Member",
    creationType: null,
    externalUserState: null,
    accountEnabled: true,
  });
  expect(body.signInSessionsValidFromDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test.each([
  ["guest", { userType: "Guest", creationType: "Invitation", externalUserState: "Accepted" }],
  ["externalMember", { userType: "Member", creationType: "Invitation", externalUserState: "Accepted" }],
] as const)("shows that a %s is external", async (kind, expected) => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "sam", kind });
  expect((await graph(`/users/${id}?$select=${decisive}`)).body).toMatchObject(expected);
});

test("shows a disabled account, and no deleted one", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeUser(id, { accountEnabled: false });
  expect((await graph(`/users/${id}?$select=accountEnabled`)).body).toMatchObject({ accountEnabled: false });
  await control.deleteUser(id);
  const answer = await graph(`/users/${id}`);
  expect([answer.status, codeOf(answer)]).toEqual([404, "Request_ResourceNotFound"]);
});

test("refuses to select what a user does not have", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  expect((await graph(`/users/${id}?$select=id,shoeSize`)).status).toBe(400);
});
