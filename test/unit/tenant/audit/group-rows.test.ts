import { expect, test } from "vitest";
import { auditedTenant, lineOf, targetOf } from "./audit-fixture.ts";

async function janeAndAdmins() {
  const world = await auditedTenant();
  const { id: principalId } = await world.control.createUser({ name: "jane" });
  const { id: groupId } = await world.control.createGroup({ name: "admins" });
  return { ...world, principalId, groupId };
}

test("the directory reports members and owners who come and go", async () => {
  const { control, rows, pass, principalId, groupId } = await janeAndAdmins();
  await control.addMember(groupId, principalId);
  await control.addOwner(groupId, principalId);
  await control.removeMember(groupId, principalId);
  await control.removeOwner(groupId, principalId);
  await pass(2_000);
  const written = await rows();
  expect(written.map(lineOf).toSorted()).toEqual([
    "Core Directory: Add member to group",
    "Core Directory: Add owner to group",
    "Core Directory: Remove member from group",
    "Core Directory: Remove owner from group",
  ]);
  for (const row of written) {
    expect(row).toMatchObject({ category: "GroupManagement", initiatedBy: { app: null } });
    expect([targetOf(row, "User")?.id, targetOf(row, "Group")?.id]).toEqual([principalId, groupId]);
  }
});

test.each([
  ["member", "expired", "Remove member from role (PIM activation expired)"],
  ["owner", "expired", "Remove member from role (PIM activation expired)"],
  ["member", "deactivated", "Remove member from role completed (PIM deactivate)"],
  ["member", "removed", "Remove member from role in PIM completed (timebound)"],
] as const)("PIM for Groups ends a %s's access in PIM's words for roles: %s", async (accessId, reason, name) => {
  const { control, rows, pass, principalId, groupId } = await janeAndAdmins();
  const started = { groupId, principalId, accessId, durationSeconds: 600 };
  const { scheduleId } = await control.startGroupAccess(started);
  await pass(400_000);
  if (reason === "expired") await pass(300_000);
  else await control.endGroupAccess({ scheduleId, reason });
  await pass(10_000);
  const all = await rows();
  expect(all.map(lineOf).slice(0, 3).toSorted()).toEqual([
    `Core Directory: Add ${accessId} to group`,
    "PIM: Add member to role completed (PIM activation)",
    "PIM: Add member to role requested (PIM activation)",
  ]);
  const [directory, pim] = all.slice(3);
  expect([directory, pim].map((row) => row && lineOf(row))).toEqual([
    `Core Directory: Remove ${accessId} from group`,
    `PIM: ${name}`,
  ]);
  expect(directory?.initiatedBy.app?.displayName).toBe("MS-PIM");
  expect(Date.parse(pim?.activityDateTime ?? "") - Date.parse(directory?.activityDateTime ?? "")).toBe(5_900);
  expect(pim?.category).toBe("GroupManagement");
  expect([targetOf(pim, "User")?.id, targetOf(pim, "Group")?.id]).toEqual([principalId, groupId]);
  expect(targetOf(pim, "Directory")).toBeUndefined();
});

test("an administrator gives and takes permanent access in PIM for Groups", async () => {
  const { control, rows, pass, principalId, groupId } = await janeAndAdmins();
  const { scheduleId } = await control.startGroupAccess({ groupId, principalId, assignmentType: "assigned" });
  await pass(10_000);
  await control.endGroupAccess({ scheduleId, reason: "removed" });
  await pass(10_000);
  const written = (await rows()).filter(({ loggedByService }) => loggedByService === "PIM");
  expect(written.map(lineOf)).toEqual([
    "PIM: Add member to role in PIM requested (permanent)",
    "PIM: Add member to role in PIM completed (permanent)",
    "PIM: Remove member from role in PIM completed (permanent)",
  ]);
  expect(written.map(({ initiatedBy }) => initiatedBy.user?.displayName)).toEqual(
    Array(3).fill("Simulated administrator"),
  );
});
