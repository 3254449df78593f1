import { expect, test } from "vitest";
import { rowsOf, tenantForTest, userAdministrator } from "../fixture.ts";

test("an activation needs eligibility", async () => {
  const { control } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const wanted = { principalId: id, roleDefinitionId: userAdministrator, durationSeconds: 60 };
  await expect(control.activate(wanted)).rejects.toThrow("not eligible");
});

test("a member of an eligible group activates for themselves", async () => {
  const { control, graph } = await tenantForTest();
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  const { id: principalId } = await control.createUser({ name: "jane" });
  await control.addMember(groupId, principalId);
  await control.makeEligible({ principalId: groupId, roleDefinitionId: userAdministrator });
  await control.activate({ principalId, roleDefinitionId: userAdministrator, durationSeconds: 60 });
  expect(rowsOf(await graph("/roleManagement/directory/roleAssignmentScheduleInstances"))).toMatchObject([
    { principalId, assignmentType: "Activated", memberType: "Group" },
  ]);
  const filter = encodeURIComponent(`principalId eq '${principalId}'`);
  expect(rowsOf(await graph(`/roleManagement/directory/roleAssignments?$filter=${filter}`))).toHaveLength(1);
});

test("an activation ends at its end, and is removed from list and directory 0.9 s later", async () => {
  const { control, activated } = await tenantForTest();
  const { endDateTime, scheduleId } = await activated(600);
  await control.setClock({ jumpMs: 700_000 });
  const events = (await control.history()).filter((event) => "scheduleId" in event && event.scheduleId === scheduleId);
  const end = Date.parse(endDateTime ?? "");
  const times = events.map((event) => [event.event, "store" in event ? event.store : "", Date.parse(event.at) - end]);
  expect(times.slice(1)).toEqual([
    ["roleEnded", "", 0],
    ["roleRemoved", "list", 900],
    ["roleRemoved", "list", 900],
    ["roleRemoved", "directory", 900],
    ["roleRemoved", "directory", 900],
  ]);
});

test.each([
  ["list first", { directoryAfterMs: 2000 }, ["list", "directory"]],
  ["directory first", { listAfterMs: 2000 }, ["directory", "list"]],
])("can lose a role in either order: %s", async (_name, removal, order) => {
  const { control, activated, graph } = await tenantForTest();
  await control.changeSettings({ removal });
  const { userId } = await activated(60);
  await control.setClock({ jumpMs: 62_000 });
  const filter = `$filter=principalId eq '${userId}'`;
  const listed = rowsOf(await graph(`/roleManagement/directory/roleAssignmentScheduleInstances?${filter}`)).length;
  const held = rowsOf(await graph(`/roleManagement/directory/roleAssignments?${filter}`)).length;
  expect({ listed, held }).toEqual(order[0] === "list" ? { listed: 0, held: 1 } : { listed: 1, held: 0 });
  await control.setClock({ jumpMs: 2000 });
  const last = (await control.history()).filter((event) => event.event === "roleRemoved" && event.shown === "last");
  expect(last.map((event) => event.event === "roleRemoved" && event.store)).toEqual(order);
});

test("a second activation has the same id, another schedule and another start", async () => {
  const { control, activated } = await tenantForTest();
  const first = await activated(60);
  await control.setClock({ jumpMs: 120_000 });
  const again = { principalId: first.userId, roleDefinitionId: userAdministrator, durationSeconds: 60 };
  const second = await control.activate(again);
  expect(second.id).toBe(first.id);
  expect(second.scheduleId).not.toBe(first.scheduleId);
  await expect(control.activate(again)).rejects.toThrow("RoleAssignmentExists");
});

test("a role cannot be given back in its first five minutes, unless the rule is off", async () => {
  const { control, activated } = await tenantForTest();
  const { scheduleId } = await activated();
  await control.setClock({ jumpMs: 299_000 });
  await expect(control.deactivate(scheduleId)).rejects.toThrow("ActiveDurationTooShort");
  await control.setClock({ jumpMs: 1000 });
  await control.deactivate(scheduleId);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "roleEnded", reason: "deactivated" }),
  );

  await control.reset();
  await control.changeSettings({ minimumActiveSeconds: 0 });
  await control.deactivate((await activated()).scheduleId);
});

test("an extension moves the end and keeps the schedule", async () => {
  const { control, activated } = await tenantForTest();
  const { scheduleId } = await activated(60);
  const extended = await control.extend({ scheduleId, bySeconds: 600 });
  expect(extended.scheduleId).toBe(scheduleId);
  await control.setClock({ jumpMs: 300_000 });
  expect((await control.history()).some(({ event }) => event === "roleEnded")).toBe(false);
  await control.setClock({ jumpMs: 600_000 });
  const ended = (await control.history()).filter(({ event }) => event === "roleEnded");
  expect(ended.map(({ at }) => Date.parse(at))).toEqual([Date.parse(extended.endDateTime ?? "")]);
});

test("a permanent assignment has no dates and its id as schedule id, and keeps the directory row of a shorter one", async () => {
  const { control, activated, graph } = await tenantForTest();
  const { userId } = await activated(60);
  const permanent = await control.assign({ principalId: userId, roleDefinitionId: userAdministrator });
  expect(permanent).toEqual({ id: permanent.id, scheduleId: permanent.id, startDateTime: null, endDateTime: null });
  await control.setClock({ jumpMs: 120_000 });
  const filter = `$filter=principalId eq '${userId}'`;
  expect(rowsOf(await graph(`/roleManagement/directory/roleAssignmentScheduleInstances?${filter}`))).toHaveLength(1);
  expect(rowsOf(await graph(`/roleManagement/directory/roleAssignments?${filter}`))).toHaveLength(1);
  expect(await control.history()).toContainEqual(expect.objectContaining({ event: "directoryKept" }));
});

test.each(["remove", "removeOutsidePim"] as const)("an administrator can end an assignment: %s", async (way) => {
  const { control, activated, graph } = await tenantForTest();
  const { scheduleId, userId } = await activated();
  if (way === "remove") await control.remove(scheduleId);
  else await control.removeOutsidePim({ principalId: userId, roleDefinitionId: userAdministrator });
  await control.setClock({ jumpMs: 900 });
  expect(rowsOf(await graph(`/roleManagement/directory/roleAssignments?$filter=principalId eq '${userId}'`))).toEqual(
    [],
  );
  await expect(control.remove(scheduleId)).rejects.toThrow("RoleAssignmentDoesNotExist");
});

test("deleting a user ends what the user holds", async () => {
  const { control, activated } = await tenantForTest();
  const { userId } = await activated();
  await control.deleteUser(userId);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "roleEnded", reason: "principalDeleted", principalId: userId }),
  );
});

test("service principals and role-assignable groups can hold roles, other groups and strangers cannot", async () => {
  const { control } = await tenantForTest();
  const assign = (principalId: string) => control.assign({ principalId, roleDefinitionId: userAdministrator });
  await assign((await control.createServicePrincipal()).id);
  await assign((await control.createGroup({ name: "admins", isAssignableToRole: true })).id);
  await expect(assign((await control.createGroup({ name: "other" })).id)).rejects.toThrow("SubjectNotFound");
  await expect(assign("00000000-0000-4000-8000-000000000000")).rejects.toThrow("SubjectNotFound");
});
