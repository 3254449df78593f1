import { expect, test } from "vitest";
import { codeOf, globalAdministrator, rowsOf, tenantForTest, userAdministrator } from "../fixture.ts";

const list = "/roleManagement/directory/roleAssignmentScheduleInstances";

test("shows a live activation with Graph's properties", async () => {
  const { activated, graph } = await tenantForTest();
  const { userId, id, scheduleId, startDateTime, endDateTime } = await activated();
  expect(rowsOf(await graph(list))).toEqual([
    {
      id,
      principalId: userId,
      roleDefinitionId: userAdministrator,
      directoryScopeId: "/",
      appScopeId: null,
      startDateTime,
      endDateTime,
      assignmentType: "Activated",
      memberType: "Direct",
      roleAssignmentOriginId: id,
      roleAssignmentScheduleId: scheduleId,
    },
  ]);
});

test("filters by equality joined with and, and selects", async () => {
  const { control, activated, graph } = await tenantForTest();
  const { userId } = await activated();
  await control.assign({ principalId: userId, roleDefinitionId: globalAdministrator });
  const filter = `principalId eq '${userId}' and assignmentType eq 'Assigned' and appScopeId eq null`;
  const rows = rowsOf(await graph(`${list}?$filter=${encodeURIComponent(filter)}&$select=roleDefinitionId`));
  expect(rows).toEqual([{ roleDefinitionId: globalAdministrator }]);
});

test.each(["once", "perMember"] as const)("shows a role of a group %s", async (groupRolesListed) => {
  const { control, graph } = await tenantForTest();
  await control.changeSettings({ groupRolesListed });
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  const { id: memberId } = await control.createUser({ name: "Member" });
  await control.addMember(groupId, memberId);
  const { scheduleId } = await control.assign({ principalId: groupId, roleDefinitionId: userAdministrator });
  const own = { principalId: groupId, memberType: "Direct", roleAssignmentScheduleId: scheduleId };
  const perMember = { principalId: memberId, memberType: "Group", roleAssignmentScheduleId: scheduleId };
  expect(rowsOf(await graph(list))).toMatchObject(groupRolesListed === "once" ? [own] : [own, perMember]);
  const filter = encodeURIComponent(`principalId eq '${memberId}'`);
  expect(rowsOf(await graph(`${list}?$filter=${filter}`))).toHaveLength(groupRolesListed === "once" ? 0 : 1);
});

test.each([
  "endDateTime eq null",
  "principalId gt 'x'",
  "principalId eq 'a' or principalId eq 'b'",
  "principalId eq 'a' and",
])("refuses the undocumented filter: %s", async (filter) => {
  const { graph } = await tenantForTest();
  const answer = await graph(`${list}?$filter=${encodeURIComponent(filter)}`);
  expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
});

test("a tenant without the licence for PIM is refused", async () => {
  const { control, graph } = await tenantForTest();
  await control.changeSettings({ licensed: false });
  const answer = await graph(list);
  expect([answer.status, codeOf(answer)]).toEqual([400, "AadPremiumLicenseRequired"]);
});

test("gives pages behind an opaque link, down to the last row", async () => {
  const { control, activated, graph } = await tenantForTest();
  const { userId } = await activated();
  for (const name of ["one", "two", "three", "four"]) {
    const role = await control.createRole({ name });
    await control.assign({ principalId: userId, roleDefinitionId: role.id });
  }
  await control.changeSettings({ pageSize: 2 });
  const sizes: number[] = [];
  let next: string | undefined = `${list}?$filter=${encodeURIComponent(`principalId eq '${userId}'`)}`;
  while (next !== undefined) {
    const answer = await graph(next);
    sizes.push(rowsOf(answer).length);
    next = answer.body["@odata.nextLink"];
  }
  expect(sizes).toEqual([2, 2, 1]);
});

test("refuses a link to a page once it has expired, and gives a new one with the first page", async () => {
  const { control, activated, graph } = await tenantForTest();
  const { userId } = await activated();
  await control.assign({ principalId: userId, roleDefinitionId: globalAdministrator });
  await control.changeSettings({ pageSize: 1, pageTokenSeconds: 60 });
  const link = (await graph(list)).body["@odata.nextLink"] ?? "";
  await control.setClock({ jumpMs: 59_999 });
  expect((await graph(link)).status).toBe(200);
  await control.setClock({ jumpMs: 1 });
  const refused = await graph(link);
  expect([refused.status, codeOf(refused)]).toEqual([400, "Directory_ExpiredPageToken"]);
  expect((await graph((await graph(list)).body["@odata.nextLink"] ?? "")).status).toBe(200);
});

test("each read may hit another replica", async () => {
  const { control, activated, graph } = await tenantForTest();
  await control.replicate({ store: "instances", lagsMs: [0, 60_000] });
  await activated();
  const sizes = new Set<number>();
  for (let read = 0; read < 20; read += 1) sizes.add(rowsOf(await graph(list)).length);
  expect(sizes).toEqual(new Set([0, 1]));
  await control.replicate({ store: "instances", force: 1 });
  expect(rowsOf(await graph(list))).toEqual([]);
});

test("a held replica goes on showing a removed role", async () => {
  const { control, activated, graph } = await tenantForTest();
  const { scheduleId } = await activated();
  await control.hold({ store: "instances", replica: 0 });
  await control.remove(scheduleId);
  await control.setClock({ jumpMs: 60_000 });
  expect(rowsOf(await graph(list))).toHaveLength(1);
  await control.release({ store: "instances", replica: 0 });
  expect(rowsOf(await graph(list))).toEqual([]);
});
