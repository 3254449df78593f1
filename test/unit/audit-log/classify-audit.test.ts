import { describe, expect, it } from "vitest";
import { classifyAudit } from "../../../shared/audit-log/classify.ts";
import { parseAuditRow, parseAuditStream } from "../../../shared/audit-log/parse.ts";
import { auditActivities, elevationActivities } from "../../../shared/base/audit-activities.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimGroupRow,
  pimRoleRow,
  SCHEDULE,
  target,
  USER_ADMIN,
} from "../../fixtures/audit/audit-rows.ts";
import reformatted from "../../fixtures/audit/reformatted-assignment.json" with { type: "json" };

function verdictOf(row: unknown) {
  const parsed = parseAuditRow(row);
  if ("place" in parsed) throw new Error(`the row is broken at ${parsed.place}`);
  return classifyAudit(parsed.record);
}

const pimEnds = [
  ["Remove member from role (PIM activation expired)", "expired"],
  ["Remove member from role completed (PIM deactivate)", "deactivated"],
  ["Remove member from role in PIM completed (permanent)", "removed"],
  ["Remove member from role in PIM completed (timebound)", "removed"],
  ["Remove permanent direct role assignment", "removed"],
] as const;
const directoryRoleEnds = [
  "Remove member from role",
  "Remove scoped member from role",
  "Remove role assignment from role definition",
  "Remove member from role scoped over Restricted Management Administrative Unit",
];
const directoryGroupEnds = [
  ["Remove member from group", "member"],
  ["Remove owner from group", "owner"],
] as const;
const activations = [
  ["Add member to role requested (PIM activation)", "requested"],
  ["Add member to role request approved (PIM activation)", "approved"],
  ["Add member to role completed (PIM activation)", "completed"],
] as const;
const noEnds = [
  ["Remove member from role requested (PIM deactivate)", "request"],
  ["Remove member from role in PIM requested (permanent)", "request"],
  ["Remove member from role in PIM requested (timebound)", "request"],
  ["Process role removal request", "request"],
  ["Remove request", "request"],
  ["Cancel request for role removal", "request"],
  ["Remove eligible member from role in PIM completed (permanent)", "eligibility"],
  ["Remove eligible member from role in PIM completed (timebound)", "eligibility"],
  ["Remove permanent eligible role assignment", "eligibility"],
  ["Remove eligible member from role", "eligibility"],
  ["Remove EligibleRoleAssignment from RoleDefinition", "eligibility"],
  ["Remove eligible member from group", "eligibility"],
  ["Remove eligible owner from group", "eligibility"],
  ["PIM activation request expired", "lookAlike"],
  ["Add member to role outside of PIM (permanent)", "lookAlike"],
  ["Update role setting in PIM", "lookAlike"],
  ["Update StsRefreshTokenValidFrom Timestamp", "ownTrace"],
  ["Update user", "ownTrace"],
] as const;
const doneToUsers = [
  ["Disable account", "userLifecycle"],
  ["Delete user", "userLifecycle"],
  ["Hard Delete user", "userLifecycle"],
  ["Restore user", "userLifecycle"],
  ["Change user password", "userLifecycle"],
  ["Reset password", "userLifecycle"],
  ["Reset user password", "userLifecycle"],
  ["Set force change user password", "userLifecycle"],
  ["Enable Strong Authentication", "userLifecycle"],
  ["Disable Strong Authentication", "userLifecycle"],
  ["Admin deleted security info", "securityEvent"],
  ["User deleted security info", "securityEvent"],
  ["Admin started password reset", "securityEvent"],
  ["Suspicious activity reported", "securityEvent"],
  ["Consent to application", "securityEvent"],
  ["Remove delegated permission grant", "securityEvent"],
  ["Update Conditional Access policy", "securityEvent"],
  ["Update continuous access evaluation", "securityEvent"],
] as const;

describe("classifyAudit knows", () => {
  it.each(pimEnds)("%s of a role", (activityDisplayName, reason) => {
    expect(verdictOf(pimRoleRow({ activityDisplayName }))).toEqual({
      kind: "roleEnd",
      reportedBy: "pim",
      reason,
      at: Date.UTC(2026, 2, 1, 10, 0, 6, 877),
      principalId: JANE,
      principalType: "user",
      roleDefinitionId: USER_ADMIN,
      scheduleId: SCHEDULE,
      rowIds: ["PIM_6e6e6e6e-0006-4abc-8def-0123456789ab_1"],
    });
  });

  it.each(pimEnds)("%s of a group", (activityDisplayName, reason) => {
    const end = { principalId: JANE, principalType: "user", groupId: ADMINS, accessId: null };
    expect(verdictOf(pimGroupRow({ activityDisplayName }))).toMatchObject({ kind: "groupEnd", reason, ...end });
  });

  it.each(pimEnds)("%s of an Azure resource, which is not ours", (activityDisplayName) => {
    const row = pimRoleRow({ activityDisplayName, category: "ResourceManagement" });
    expect(verdictOf(row)).toEqual({ kind: "otherPlane" });
  });

  it.each(directoryRoleEnds)("%s", (activityDisplayName) => {
    expect(verdictOf(directoryRoleRow({ activityDisplayName }))).toEqual({
      kind: "roleEnd",
      reportedBy: "directory",
      reason: "unknown",
      at: Date.UTC(2026, 2, 1, 10, 0, 0, 945),
      principalId: JANE,
      principalType: "user",
      roleDefinitionId: USER_ADMIN,
      scheduleId: null,
      rowIds: ["Directory_5d5d5d5d-0005-4abc-8def-0123456789ab_AAAAA_1001"],
    });
  });

  it.each(directoryGroupEnds)("%s", (activityDisplayName, accessId) => {
    const verdict = verdictOf(directoryGroupRow({ activityDisplayName }));
    expect(verdict).toMatchObject({
      kind: "groupEnd",
      reportedBy: "directory",
      principalId: JANE,
      groupId: ADMINS,
      accessId,
    });
  });

  it.each(activations)("%s", (activityDisplayName, stage) => {
    const activation = { kind: "activation", stage, principalIds: [JANE] };
    expect(verdictOf(pimRoleRow({ activityDisplayName }))).toEqual(activation);
    expect(verdictOf(pimGroupRow({ activityDisplayName }))).toEqual(activation);
    expect(verdictOf(pimRoleRow({ activityDisplayName, category: "ResourceManagement" }))).toEqual({
      kind: "otherPlane",
    });
  });

  it.each(noEnds)("%s, which ends nothing", (activityDisplayName, kind) => {
    for (const row of [pimRoleRow, directoryRoleRow, pimGroupRow, directoryGroupRow]) {
      expect(verdictOf(row({ activityDisplayName }))).toEqual({ kind });
    }
  });

  it.each(doneToUsers)("%s, and to whom it was done", (activity, kind) => {
    const targetResources = [target("Policy", BOSS), target("User", JANE), target("Group", ADMINS)];
    const row = directoryRoleRow({ activityDisplayName: activity, category: "UserManagement", targetResources });
    expect(verdictOf(row)).toEqual({ kind, activity, userIds: [JANE] });
  });

  it("no activity that is missing here", () => {
    const tested = [pimEnds, directoryGroupEnds, activations, noEnds, doneToUsers].flatMap((group) =>
      group.map(([name]) => name),
    );
    // Elevated access: see `test/security/elevated-access.test.ts`.
    const elevations = Object.values(elevationActivities);
    expect([...tested, ...directoryRoleEnds, ...elevations].toSorted()).toEqual(
      Object.keys(auditActivities).toSorted(),
    );
  });
});

describe("classifyAudit is strict", () => {
  it.each([
    "Add member to role",
    "Add member to role in PIM completed (permanent)",
    "Remove member from role completed (PIM activation)",
    "remove member from role",
    "Remove member from role ",
    "constructor",
    "__proto__",
  ])("about the name: %j means nothing", (activityDisplayName) => {
    expect(verdictOf(directoryRoleRow({ activityDisplayName }))).toEqual({ kind: "other" });
    expect(verdictOf(pimRoleRow({ activityDisplayName }))).toEqual({ kind: "other" });
  });

  it.each(["failure", "timeout", "unknownFutureValue", "", null])("about the result %j", (result) => {
    for (const row of [pimRoleRow, directoryRoleRow, pimGroupRow, directoryGroupRow]) {
      expect(verdictOf(row({ result }))).toEqual({ kind: "notSuccessful" });
    }
    const disabled = directoryRoleRow({ activityDisplayName: "Disable account", result });
    expect(verdictOf(disabled)).toEqual({ kind: "notSuccessful" });
  });

  it.each([
    ["Core Directory in PIM's words", pimRoleRow({ loggedByService: "Core Directory" })],
    ["PIM in Core Directory's words", directoryRoleRow({ loggedByService: "PIM" })],
    ["an access review", pimRoleRow({ id: "AADERM_1", loggedByService: "Access Reviews" })],
    ["nobody", directoryGroupRow({ loggedByService: null })],
  ])("about the service: reported by %s", (_, row) => {
    expect(verdictOf(row)).toEqual({ kind: "otherPlane" });
  });

  it.each([
    ["a role", directoryRoleRow({ category: "GroupManagement" })],
    ["a role without a category", directoryRoleRow({ category: null })],
    ["a group", directoryGroupRow({ category: "RoleManagement" })],
  ])("about the category of %s", (_, row) => {
    expect(verdictOf(row)).toEqual({ kind: "otherPlane" });
  });

  it("takes PIM by its long name too", () => {
    const row = pimRoleRow({ loggedByService: "Privileged Identity Management" });
    expect(verdictOf(row)).toMatchObject({ kind: "roleEnd" });
  });

  it("never takes the initiator for the principal, and ignores the initiator's identity", () => {
    const initiators = [{ user: { id: JANE } }, { user: { id: BOSS } }, { app: { servicePrincipalId: BOSS } }, null];
    const verdicts = initiators.map((initiatedBy) => verdictOf(pimRoleRow({ initiatedBy })));
    expect(new Set(verdicts.map((verdict) => JSON.stringify(verdict))).size).toBe(1);
    const alone = pimRoleRow({ initiatedBy: { user: { id: BOSS } }, targetResources: [] });
    expect(verdictOf(alone)).toEqual({ kind: "unclearEnd", candidateIds: [], groupIds: [] });
  });

  it("finds the principal by type, wherever it stands and however it is written", () => {
    const { targetResources } = pimRoleRow();
    for (const targets of [targetResources, targetResources.toReversed()]) {
      const written = targets.map(({ type, ...rest }) => ({ ...rest, Type: type.toUpperCase() }));
      expect(verdictOf(pimRoleRow({ targetResources: written }))).toMatchObject({ principalId: JANE });
    }
  });

  it.each([
    ["Group", "group"],
    ["ServicePrincipal", "servicePrincipal"],
  ])("knows that a %s can hold a role", (type, principalType) => {
    const [user] = directoryRoleRow().targetResources;
    const row = directoryRoleRow({ targetResources: [{ ...user, type, id: ADMINS.toUpperCase() }] });
    expect(verdictOf(row)).toMatchObject({ kind: "roleEnd", principalId: ADMINS, principalType });
  });

  const ofJane = directoryRoleRow().targetResources;
  it.each([
    ["nobody", directoryRoleRow({ targetResources: [] }), []],
    ["nobody by id", directoryRoleRow({ targetResources: [target("User", "jane.doe@contoso.example")] }), []],
    ["two users", directoryRoleRow({ targetResources: [...ofJane, target("User", BOSS)] }), [JANE, BOSS]],
    ["a user and a group", directoryRoleRow({ targetResources: [...ofJane, target("Group", ADMINS)] }), [JANE, ADMINS]],
    ["no role", directoryRoleRow({ targetResources: [target("User", JANE)] }), [JANE]],
    ["no group", directoryGroupRow({ targetResources: [target("User", JANE)] }), [JANE]],
    [
      "two groups",
      directoryGroupRow({ targetResources: [target("Group", ADMINS), target("Group", BOSS), target("User", JANE)] }),
      [JANE],
      [ADMINS, BOSS],
    ],
    [
      "a device that leaves a group",
      directoryGroupRow({ targetResources: [target("Group", ADMINS), target("Device", BOSS)] }),
      [],
      [ADMINS],
    ],
    [
      "a role in PIM's details that its target contradicts",
      pimRoleRow({ additionalDetails: [{ key: "TemplateId", value: BOSS }] }),
      [JANE],
    ],
  ])("does not guess when %s is named, and names the candidates for a pass", (_, row, candidateIds, groupIds = []) => {
    expect(verdictOf(row)).toEqual({ kind: "unclearEnd", candidateIds, groupIds });
  });

  it.each([
    ["the new value", { displayName: "Role.TemplateId", oldValue: null, newValue: `"${USER_ADMIN}"` }],
    ["the directory's own object", { displayName: "Role.ObjectID", oldValue: `"${USER_ADMIN}"`, newValue: null }],
    ["PIM's property", { displayName: "TemplateId", oldValue: `"${USER_ADMIN}"`, newValue: null }],
  ])("does not take %s for the role that Core Directory removed", (_, property) => {
    const row = directoryRoleRow({ targetResources: [target("User", JANE, property)] });
    expect(verdictOf(row)).toMatchObject({ kind: "unclearEnd" });
  });

  it("takes PIM's role from its details alone, or from its target alone", () => {
    const targetResources = [target("Role", null), target("User", JANE)];
    expect(verdictOf(pimRoleRow({ targetResources }))).toMatchObject({ roleDefinitionId: USER_ADMIN });
    const fromTarget = verdictOf(pimRoleRow({ additionalDetails: null }));
    expect(fromTarget).toMatchObject({ roleDefinitionId: USER_ADMIN, scheduleId: null });
  });

  it("sees no end in an assignment", () => {
    const { records } = parseAuditStream([reformatted]);
    expect(records.map(classifyAudit)).toEqual([{ kind: "other" }]);
  });
});
