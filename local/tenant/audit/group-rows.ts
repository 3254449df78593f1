import type { GroupAccess } from "../directory/groups.ts";
import type { GroupInstance } from "../pim/group-access.ts";
import type { Tenant } from "../tenant.ts";
import type { Initiator } from "./audit-row.ts";
import { administrator, azureAdPim, principalTarget, themselves } from "./parties.ts";
import { type PimAct, whenPimReports, writePimRow } from "./pim-row.ts";

/** Core Directory's row of a member or owner who comes or goes, now. */
export function auditGroupChange(
  tenant: Tenant,
  change: { groupId: string; memberId: string; access: GroupAccess; what: "Add" | "Remove"; by: Initiator },
): void {
  const { groupId, memberId, access, what, by } = change;
  tenant.audit.write({
    category: "GroupManagement",
    activityDisplayName: `${what} ${access} ${what === "Add" ? "to" : "from"} group`,
    loggedByService: "Core Directory",
    operationType: what === "Add" ? "Assign" : "Unassign",
    initiatedBy: by,
    targetResources: [principalTarget(tenant, memberId), principalTarget(tenant, groupId)],
  });
}

/** PIM for Groups' rows of access that starts. */
export function auditAccessStart(tenant: Tenant, instance: GroupInstance): void {
  const activated = instance.assignmentType === "activated";
  const initiatedBy = activated ? themselves(tenant, instance.principalId) : administrator;
  const name = (step: string) =>
    activated
      ? `Add member to role ${step} (PIM activation)`
      : `Add member to role in PIM ${step} (${kindOf(instance)})`;
  const row = aboutAccess(tenant, instance);
  writePimRow(tenant, { ...row, activityDisplayName: name("requested"), initiatedBy, auditType: "CreateRequest" });
  whenPimReports(tenant, () =>
    writePimRow(tenant, { ...row, activityDisplayName: name("completed"), initiatedBy, auditType: "AddRole" }),
  );
}

/** PIM for Groups' own row of an end, some seconds after Core Directory's. */
export function auditAccessEnd(
  tenant: Tenant,
  instance: GroupInstance,
  reason: "expired" | "deactivated" | "removed",
): void {
  const [activityDisplayName, initiatedBy] = {
    expired: ["Remove member from role (PIM activation expired)", azureAdPim] as const,
    deactivated: [
      "Remove member from role completed (PIM deactivate)",
      themselves(tenant, instance.principalId),
    ] as const,
    removed: [`Remove member from role in PIM completed (${kindOf(instance)})`, administrator] as const,
  }[reason];
  const end = { auditType: "RemoveActivatedRole", actionType: "Revoke", operationType: "Delete" };
  const row = { ...aboutAccess(tenant, instance), ...end, activityDisplayName, initiatedBy };
  whenPimReports(tenant, () => writePimRow(tenant, row));
}

function aboutAccess(
  tenant: Tenant,
  instance: GroupInstance,
): Pick<PimAct, "category" | "role" | "principal" | "container" | "schedule"> {
  const { groupId, principalId, accessId, assignmentScheduleId: id, startDateTime, endDateTime } = instance;
  return {
    category: "GroupManagement",
    // A group's two "roles"; nothing documents what stands where a directory role has its template id.
    role: { templateId: accessId, displayName: accessId === "member" ? "Member" : "Owner" },
    principal: principalTarget(tenant, principalId),
    container: principalTarget(tenant, groupId),
    schedule: { id, originId: instance.id, startDateTime, endDateTime },
  };
}

const kindOf = ({ endDateTime }: GroupInstance) => (endDateTime === null ? "permanent" : "timebound");
