import { expect, test } from "vitest";
import { userAdministrator } from "../fixture.ts";
import { auditedTenant, detailsOf, lineOf, type Row, targetOf } from "./audit-fixture.ts";

const changesOf = (row: Row | undefined, type: string) =>
  Object.fromEntries(
    targetOf(row, type)?.modifiedProperties.map(({ displayName, ...values }) => [displayName, values]) ?? [],
  );

test("an expiry is reported by two rows, the directory's at the removal and PIM's 5.9 s later", async () => {
  const { activated, rows, pass } = await auditedTenant();
  const { userId, id, scheduleId, endDateTime } = await activated(60);
  await pass(120_000);
  const [directory, pim, ...more] = (await rows()).slice(-2);
  expect(more).toEqual([]);
  const after = (row: Row | undefined) => Date.parse(row?.activityDateTime ?? "") - Date.parse(endDateTime ?? "");
  expect([after(directory), after(pim)]).toEqual([900, 6800]);

  expect(directory).toMatchObject({
    id: expect.stringMatching(/^Directory_/),
    category: "RoleManagement",
    result: "success",
    activityDisplayName: "Remove member from role",
    loggedByService: "Core Directory",
    operationType: "Unassign",
    initiatedBy: { user: null, app: { appId: null, displayName: "MS-PIM" } },
  });
  expect(targetOf(directory, "User")).toMatchObject({ id: userId, userPrincipalName: "jane@simulated.example" });
  const removed = changesOf(directory, "User");
  expect(removed["Role.TemplateId"]).toEqual({ oldValue: `"${userAdministrator}"`, newValue: null });
  expect(removed["Role.DisplayName"]).toEqual({ oldValue: '"User Administrator"', newValue: null });
  expect(removed["Role.ObjectID"]?.oldValue).not.toBe(`"${userAdministrator}"`);

  expect(pim).toMatchObject({
    id: expect.stringMatching(/^PIM_/),
    category: "RoleManagement",
    result: "success",
    activityDisplayName: "Remove member from role (PIM activation expired)",
    loggedByService: "PIM",
    operationType: "Delete",
    initiatedBy: { user: { displayName: "Azure AD PIM", userPrincipalName: null, ipAddress: null }, app: null },
  });
  expect(pim?.targetResources).toHaveLength(9);
  expect(targetOf(pim, "User")).toMatchObject({ id: userId });
  expect(changesOf(pim, "Role").TemplateId).toEqual({ oldValue: '""', newValue: `"${userAdministrator}"` });
  expect(detailsOf(pim)).toMatchObject({
    AuditType: "RemoveActivatedRole",
    ActionType: "Revoke",
    TemplateId: userAdministrator,
    OriginRoleAssignmentId: id,
    RoleAssignmentRequestId: scheduleId,
  });
});

test("an activation is asked for, given and completed", async () => {
  const { activated, rows, pass } = await auditedTenant();
  const { userId } = await activated();
  await pass(10_000);
  const started = await rows();
  expect(started.map(lineOf).toSorted()).toEqual([
    "Core Directory: Add member to role",
    "PIM: Add member to role completed (PIM activation)",
    "PIM: Add member to role requested (PIM activation)",
  ]);
  const given = started.find(({ loggedByService }) => loggedByService === "Core Directory");
  expect(changesOf(given, "User")["Role.TemplateId"]).toEqual({ oldValue: null, newValue: `"${userAdministrator}"` });
  expect(started.at(-1)?.initiatedBy.user?.id).toBe(userId);
});

test("a deactivation is asked for at once and completed after the removal, by the user", async () => {
  const { control, activated, rows, pass } = await auditedTenant();
  const { scheduleId, userId } = await activated();
  await pass(400_000);
  await control.deactivate(scheduleId);
  await pass(10_000);
  const end = (await rows()).slice(-3);
  expect(end.map(lineOf)).toEqual([
    "PIM: Remove member from role requested (PIM deactivate)",
    "Core Directory: Remove member from role",
    "PIM: Remove member from role completed (PIM deactivate)",
  ]);
  expect(end.map(({ initiatedBy }) => initiatedBy.user?.id)).toEqual([userId, undefined, userId]);
});

test("a deactivation that came too early leaves a failure and ends nothing", async () => {
  const { control, activated, rows, pass } = await auditedTenant();
  const { scheduleId } = await activated();
  await expect(control.deactivate(scheduleId)).rejects.toThrow("ActiveDurationTooShort");
  await pass(10_000);
  const refused = (await rows()).find(({ result }) => result === "failure");
  expect(refused).toMatchObject({
    activityDisplayName: "Process role removal request",
    resultReason: "ActiveDurationTooShort",
  });
  expect(detailsOf(refused).AuditType).toBe("CreateRoleRemovalRequest");
  expect((await rows()).map(lineOf)).not.toContain("Core Directory: Remove member from role");
});

test.each([
  ["timebound", 3600],
  ["permanent", null],
])("an administrator assigns and removes: %s", async (kind, durationSeconds) => {
  const { control, rows, pass } = await auditedTenant();
  const { id: principalId } = await control.createUser({ name: "jane" });
  const assignment = await control.assign({ principalId, roleDefinitionId: userAdministrator, durationSeconds });
  await pass(10_000);
  await control.remove(assignment.scheduleId);
  await pass(10_000);
  expect((await rows()).map(lineOf).toSorted()).toEqual([
    "Core Directory: Add member to role",
    "Core Directory: Remove member from role",
    `PIM: Add member to role in PIM completed (${kind})`,
    `PIM: Add member to role in PIM requested (${kind})`,
    `PIM: Remove member from role in PIM completed (${kind})`,
    `PIM: Remove member from role in PIM requested (${kind})`,
  ]);
});

test("a removal outside PIM is reported by the directory alone", async () => {
  const { control, activated, rows, pass } = await auditedTenant();
  const { userId } = await activated();
  await pass(10_000);
  await control.removeOutsidePim({ principalId: userId, roleDefinitionId: userAdministrator });
  await pass(10_000);
  const [row, ...more] = (await rows()).slice(3);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ activityDisplayName: "Remove member from role", initiatedBy: { app: null } });
});

test("the directory has nothing to report while another assignment keeps the role", async () => {
  const { control, activated, rows, pass } = await auditedTenant();
  const { userId } = await activated(60);
  await control.assign({ principalId: userId, roleDefinitionId: userAdministrator });
  await pass(120_000);
  const lines = (await rows()).map(lineOf);
  expect(lines).toContain("PIM: Remove member from role (PIM activation expired)");
  expect(lines).not.toContain("Core Directory: Remove member from role");
});

test.each([
  ["ServicePrincipal", "createServicePrincipal"],
  ["Group", "createGroup"],
] as const)("the principal is a target of its own type: %s", async (type, create) => {
  const { control, rows, pass } = await auditedTenant();
  const { id } = await (create === "createGroup"
    ? control.createGroup({ name: "admins", isAssignableToRole: true })
    : control.createServicePrincipal());
  const { scheduleId } = await control.assign({ principalId: id, roleDefinitionId: userAdministrator });
  await control.remove(scheduleId);
  await pass(10_000);
  for (const row of await rows()) expect(targetOf(row, type)?.id).toBe(id);
});
