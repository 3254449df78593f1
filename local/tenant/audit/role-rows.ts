import type { RoleInstance } from "../pim/assignment.ts";
import type { EndReason } from "../pim/end.ts";
import type { Tenant } from "../tenant.ts";
import { gained, lost } from "./audit-row.ts";
import { administrator, azureAdPim, msPim, principalTarget, themselves } from "./parties.ts";
import { type Form, type PimAct, whenPimReports, writePimRow } from "./pim-row.ts";

/** Rows of a role that starts: asked for, given by the directory, completed. */
export function auditRoleStart(tenant: Tenant, instance: RoleInstance, form?: Form): void {
  const activated = instance.assignmentType === "Activated";
  const initiatedBy = activated ? themselves(tenant, instance.principalId) : administrator;
  const name = (step: string) =>
    activated
      ? `Add member to role ${step} (PIM activation)`
      : `Add member to role in PIM ${step} (${kindOf(instance)})`;
  const row = { ...aboutRole(tenant, instance), form };
  writePimRow(tenant, { ...row, activityDisplayName: name("requested"), initiatedBy, auditType: "CreateRequest" });
  writeDirectoryRow(tenant, instance, "given");
  whenPimReports(tenant, () =>
    writePimRow(tenant, { ...row, activityDisplayName: name("completed"), initiatedBy, auditType: "AddRole" }),
  );
}

/** The row of an end that somebody asks for, written at once. */
export function auditRoleEndRequest(tenant: Tenant, instance: RoleInstance, reason: EndReason): void {
  if (reason !== "deactivated" && reason !== "removed") return;
  const activityDisplayName =
    reason === "deactivated"
      ? "Remove member from role requested (PIM deactivate)"
      : `Remove member from role in PIM requested (${kindOf(instance)})`;
  const initiatedBy = reason === "deactivated" ? themselves(tenant, instance.principalId) : administrator;
  writePimRow(tenant, {
    ...aboutRole(tenant, instance),
    activityDisplayName,
    initiatedBy,
    auditType: "CreateRoleRemovalRequest",
  });
}

/** PIM refused a deactivation in the first five minutes: the role is still on. */
export function auditRefusedDeactivation(tenant: Tenant, instance: RoleInstance): void {
  writePimRow(tenant, {
    ...aboutRole(tenant, instance),
    activityDisplayName: "Process role removal request",
    initiatedBy: themselves(tenant, instance.principalId),
    auditType: "CreateRoleRemovalRequest",
    refusedBecause: "ActiveDurationTooShort",
  });
}

/**
 * The rows of an end, at the moment the directory is acted upon: Core Directory's, if it really `lost` the role, and then PIM's, which
 * says why. PIM has nothing to report of removals that were not its own.
 */
export function auditRoleEnd(tenant: Tenant, instance: RoleInstance, reason: EndReason, hasLost: boolean): void {
  const outside = reason === "removedOutsidePim" || reason === "principalDeleted";
  if (hasLost) writeDirectoryRow(tenant, instance, outside ? "takenOutsidePim" : "taken");
  if (outside) return;
  const row = { ...aboutRole(tenant, instance), ...endOf(tenant, instance, reason) };
  whenPimReports(tenant, () =>
    writePimRow(tenant, { ...row, auditType: "RemoveActivatedRole", actionType: "Revoke", operationType: "Delete" }),
  );
}

/** Nobody has published the row of a deactivation: that its user initiates it is our guess. */
function endOf(tenant: Tenant, instance: RoleInstance, reason: "expired" | "deactivated" | "removed") {
  const { principalId } = instance;
  switch (reason) {
    case "expired":
      return { activityDisplayName: "Remove member from role (PIM activation expired)", initiatedBy: azureAdPim };
    case "deactivated": {
      const activityDisplayName = "Remove member from role completed (PIM deactivate)";
      return { activityDisplayName, initiatedBy: themselves(tenant, principalId) };
    }
    case "removed": {
      const activityDisplayName = `Remove member from role in PIM completed (${kindOf(instance)})`;
      return { activityDisplayName, initiatedBy: administrator };
    }
  }
}

function writeDirectoryRow(tenant: Tenant, instance: RoleInstance, what: "given" | "taken" | "takenOutsidePim"): void {
  const { principalId, roleDefinitionId } = instance;
  const { displayName } = roleOf(tenant, roleDefinitionId);
  const role = {
    "Role.ObjectID": directoryRoleId(roleDefinitionId),
    "Role.DisplayName": displayName,
    "Role.TemplateId": roleDefinitionId,
    "Role.WellKnownObjectName": displayName.replaceAll(" ", ""),
  };
  const given = what === "given";
  tenant.audit.write({
    category: "RoleManagement",
    activityDisplayName: given ? "Add member to role" : "Remove member from role",
    loggedByService: "Core Directory",
    operationType: given ? "Assign" : "Unassign",
    initiatedBy: what === "takenOutsidePim" ? administrator : msPim,
    targetResources: [principalTarget(tenant, principalId, given ? gained(role) : lost(role))],
  });
}

function aboutRole(
  tenant: Tenant,
  instance: RoleInstance,
): Pick<PimAct, "category" | "role" | "principal" | "schedule"> {
  const { roleAssignmentScheduleId: id, roleAssignmentOriginId: originId, startDateTime, endDateTime } = instance;
  return {
    category: "RoleManagement",
    role: roleOf(tenant, instance.roleDefinitionId),
    principal: principalTarget(tenant, instance.principalId),
    schedule: { id, originId, startDateTime, endDateTime },
  };
}

const roleOf = ({ roles }: Tenant, id: string) => ({ templateId: id, displayName: roles.get(id)?.displayName ?? "" });
const kindOf = ({ endDateTime }: RoleInstance) => (endDateTime === null ? "permanent" : "timebound");

/** The directoryRole object of a role, whose id is never the template's: here they differ in the last digit. */
function directoryRoleId(templateId: string): string {
  return `${templateId.slice(0, -1)}${(Number.parseInt(templateId.slice(-1), 16) ^ 1).toString(16)}`;
}
