import { expect, test } from "vitest";
import { codeOf, rowsOf, tenantForTest } from "../fixture.ts";

const list = "/identityGovernance/privilegedAccess/group/assignmentScheduleInstances";

async function janeInAdmins(durationSeconds: number | null = 60, removal = {}) {
  const world = await tenantForTest();
  const { control, graph } = world;
  await control.changeSettings({
    permissions: ["PrivilegedAssignmentSchedule.Read.AzureADGroup", "GroupMember.Read.All"],
  });
  const { id: principalId } = await control.createUser({ name: "jane" });
  const { id: groupId } = await control.createGroup({ name: "admins" });
  const started = await control.startGroupAccess({ groupId, principalId, durationSeconds, removal });
  const listed = async () => rowsOf(await graph(`${list}?$filter=groupId eq '${groupId}'`));
  const members = async () => rowsOf(await graph(`/groups/${groupId}/members?$select=id`)).map(({ id }) => id);
  return { ...world, principalId, groupId, started, listed, members };
}

test("lists a time-bound membership by group and by principal, never all", async () => {
  const { graph, principalId, groupId, started, listed } = await janeInAdmins();
  const row = {
    id: started.id,
    principalId,
    groupId,
    accessId: "member",
    startDateTime: started.startDateTime,
    endDateTime: started.endDateTime,
    assignmentType: "activated",
    memberType: "direct",
    assignmentScheduleId: started.scheduleId,
  };
  expect(await listed()).toEqual([row]);
  expect(rowsOf(await graph(`${list}?$filter=principalId eq '${principalId}'`))).toEqual([row]);
  for (const all of [list, `${list}?$filter=accessId eq 'member'`]) {
    const answer = await graph(all);
    expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
  }
});

test.each([
  ["list first", { directoryAfterMs: 2000 }, [0, 1]],
  ["members first", { listAfterMs: 2000 }, [1, 0]],
])("its end removes the member, in either order: %s", async (_name, removal, between) => {
  const { control, listed, members } = await janeInAdmins(60, removal);
  expect(await members()).toHaveLength(1);
  await control.setClock({ jumpMs: 61_500 });
  expect([(await listed()).length, (await members()).length]).toEqual(between);
  await control.setClock({ jumpMs: 2000 });
  expect([(await listed()).length, (await members()).length]).toEqual([0, 0]);
});

test("leaves a membership that was there before", async () => {
  const { control, principalId } = await janeInAdmins();
  const { id: groupId } = await control.createGroup({ name: "other" });
  await control.addMember(groupId, principalId);
  await control.startGroupAccess({ groupId, principalId, durationSeconds: 60 });
  await control.setClock({ jumpMs: 120_000 });
  const left = (await control.history()).filter(
    (event) => event.event === "groupMemberRemoved" && event.groupId === groupId,
  );
  expect(left).toEqual([]);
});

test("can be extended, deactivated after five minutes, and removed", async () => {
  const { control, started, principalId, groupId, listed } = await janeInAdmins();
  const { scheduleId } = started;
  await control.extendGroupAccess({ scheduleId, bySeconds: 3600 });
  await expect(control.endGroupAccess({ scheduleId, reason: "deactivated" })).rejects.toThrow("ActiveDurationTooShort");
  await control.setClock({ jumpMs: 300_000 });
  await control.endGroupAccess({ scheduleId, reason: "deactivated" });
  await control.setClock({ jumpMs: 1000 });
  expect(await listed()).toEqual([]);
  const owner = await control.startGroupAccess({ groupId, principalId, accessId: "owner" });
  expect([owner.startDateTime, owner.endDateTime]).toEqual([null, null]);
  await control.endGroupAccess({ scheduleId: owner.scheduleId, reason: "removed" });
  const reasons = (await control.history()).map((event) => event.event === "groupAccessEnded" && event.reason);
  expect(reasons.filter(Boolean)).toEqual(["deactivated", "removed"]);
});

test("is not given twice", async () => {
  const { control, principalId, groupId } = await janeInAdmins();
  await expect(control.startGroupAccess({ groupId, principalId })).rejects.toThrow("RoleAssignmentExists");
});
