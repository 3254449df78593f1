import { expect, test } from "vitest";
import { rowsOf, tenantForTest } from "../fixture.ts";

async function nested() {
  const world = await tenantForTest();
  const { control } = world;
  const jane = await control.createUser({ name: "jane" });
  const outer = await control.createGroup({ name: "outer" });
  const inner = await control.createGroup({ name: "inner", securityEnabled: false });
  await control.addMember(outer.id, inner.id);
  await control.addMember(inner.id, jane.id);
  return { ...world, jane: jane.id, outer: outer.id, inner: inner.id };
}

test("shows a group, its members and those inside its groups", async () => {
  const { graph, jane, outer, inner } = await nested();
  expect((await graph(`/groups/${outer}`)).body).toMatchObject({ id: outer, isAssignableToRole: false });
  expect(rowsOf(await graph(`/groups/${outer}/members`)).map(({ id }) => id)).toEqual([inner]);
  const all = rowsOf(await graph(`/groups/${outer}/transitiveMembers?$select=id`));
  expect(all).toEqual([
    { "@odata.type": "#microsoft.graph.group", id: inner },
    { "@odata.type": "#microsoft.graph.user", id: jane },
  ]);
});

test("getMemberGroups is transitive and can leave out groups that are not for security", async () => {
  const { graph, jane, outer, inner } = await nested();
  const ask = async (securityEnabledOnly: boolean) =>
    (await graph(`/users/${jane}/getMemberGroups`, { securityEnabledOnly })).body.value;
  expect(new Set(await ask(false).then((ids) => (Array.isArray(ids) ? ids : [])))).toEqual(new Set([outer, inner]));
  expect(await ask(true)).toEqual([outer]);
  expect((await graph(`/users/${jane}/getMemberGroups`, {})).status).toBe(400);
});

test("members come in pages", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createGroup({ name: "many" });
  for (const name of ["a", "b", "c"]) await control.addMember(id, (await control.createUser({ name })).id);
  const first = await graph(`/groups/${id}/members?$top=2`);
  const second = await graph(first.body["@odata.nextLink"] ?? "");
  expect([rowsOf(first).length, rowsOf(second).length]).toEqual([2, 1]);
});

test("a role-assignable group takes no groups", async () => {
  const { control } = await tenantForTest();
  const admins = await control.createGroup({ name: "admins", isAssignableToRole: true });
  const other = await control.createGroup({ name: "other" });
  await expect(control.addMember(admins.id, other.id)).rejects.toThrow("cannot contain groups");
});

test("the history shows which members joined and left", async () => {
  const { control, jane, inner } = await nested();
  await control.removeMember(inner, jane);
  expect(await control.history()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ event: "groupMemberAdded", groupId: inner, memberId: jane }),
      expect.objectContaining({ event: "groupMemberRemoved", groupId: inner, memberId: jane, shown: "last" }),
    ]),
  );
});
