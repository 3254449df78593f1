import { describe, expect, test } from "vitest";
import { systemClock } from "../../shared/base/clock.ts";
import { createGraph } from "../../shared/graph/create-graph.ts";
import { tenantForTest } from "../unit/tenant/fixture.ts";

/** The app's own gateway on a simulated tenant, and what the app is granted beside the usual. */
async function createWorld(extra: readonly string[] = []) {
  const world = await tenantForTest();
  const { tenant, control, token } = world;
  const granted = ["RoleManagement.Read.Directory", "User.Read.All", "GroupMember.Read.All", ...extra];
  await control.changeSettings({ permissions: granted, permissionsApplyAtOnce: true });
  const graph = createGraph({
    baseUrl: tenant.url,
    scope: "https://graph.microsoft.com/.default",
    credential: { getToken: async () => ({ token: await token(), expiresOnTimestamp: Number.POSITIVE_INFINITY }) },
    fetch: globalThis.fetch,
    clock: systemClock,
    random: () => 0,
  });
  const group = async (hiddenMembership: "readsEmpty" | "refused" | null = null) =>
    (await control.createGroup({ name: "Operators", hiddenMembership })).id;
  return { control, graph, group };
}

test("agent users and agent identities in a group are seen like users and service principals; nested groups are not", async () => {
  const { control, graph, group } = await createWorld();
  const groupId = await group();
  const inside = await group();
  const ids = [
    (await control.createUser({ name: "jane" })).id,
    (await control.createUser({ name: "agent", kind: "agentUser" })).id,
    (await control.createServicePrincipal()).id,
    (await control.createServicePrincipal({ kind: "agentIdentity" })).id,
    (await control.createServicePrincipal({ kind: "agentIdentityBlueprintPrincipal" })).id,
  ];
  for (const id of [...ids, inside]) await control.addMember(groupId, id);
  for (const id of ids) await control.addOwner(groupId, id);
  const { value } = await graph.readHolders(groupId);
  expect(value.members.toSorted()).toEqual(ids.toSorted());
  expect(value.owners.toSorted()).toEqual(ids.toSorted());
});

describe.each(["readsEmpty", "refused"] as const)("a group with hidden membership that %s", (hidden) => {
  test("fails to be read instead of reading as empty, and names the permission", async () => {
    const { control, graph, group } = await createWorld();
    const groupId = await group(hidden);
    await control.addMember(groupId, (await control.createUser({ name: "jane" })).id);
    await expect(graph.readHolders(groupId)).rejects.toMatchObject({
      code: "hiddenMembership",
      message: expect.stringContaining("Member.Read.Hidden"),
    });
  });

  test("is read with the permission, also when nobody is left in it", async () => {
    const { control, graph, group } = await createWorld(["Member.Read.Hidden"]);
    const groupId = await group(hidden);
    const { id } = await control.createUser({ name: "jane" });
    await control.addMember(groupId, id);
    expect((await graph.readHolders(groupId)).value.members).toEqual([id]);
    await control.removeMember(groupId, id);
    expect((await graph.readHolders(groupId)).value.members).toEqual([]);
  });
});

test("as an excluded or included group it holds, too: nobody is meant by what cannot be seen", async () => {
  const { graph, group } = await createWorld();
  const groupId = await group("readsEmpty");
  await expect(graph.readListed([groupId])).rejects.toMatchObject({ code: "hiddenMembership" });
});

test("an ordinary group without members is empty", async () => {
  const { graph, group } = await createWorld();
  const groupId = await group();
  expect((await graph.readHolders(groupId)).value).toEqual({ exists: true, members: [], owners: [] });
  expect((await graph.readListed([groupId])).value).toMatchObject([{ kind: "group", members: [] }]);
});
