import { auditRefusedDeactivation } from "../audit/role-rows.ts";
import { groupsOf } from "../directory/groups.ts";
import { type Privilege, privilegeKey } from "../directory/role-assignments.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import {
  type Assignment,
  assignmentById,
  assignmentsOfPrivilege,
  type RemovalTiming,
  roleFields,
} from "./assignment.ts";
import { endAssignment, publishInstance } from "./end.ts";
import { endWhenDue, graphTime, startAssignment, type WantedAssignment } from "./start.ts";

export interface Wanted extends Privilege {
  removal: Partial<RemovalTiming>;
  form?: WantedAssignment["form"];
}

/** The user switches on a role that they are eligible for, by themselves or as members of a group. */
export function selfActivate(tenant: Tenant, wanted: Wanted & { durationSeconds: number }): Assignment {
  const isEligible = (principalId: string) => tenant.eligibilities.has(privilegeKey({ ...wanted, principalId }));
  if (isEligible(wanted.principalId)) return startUnlessThere(tenant, wanted, "Activated", wanted.durationSeconds);
  if (![...groupsOf(tenant.groups.primary, wanted.principalId)].some(isEligible)) {
    throw new Refusal(400, "RoleAssignmentDoesNotExist", "the principal is not eligible for this role at this scope");
  }
  // As Azure's sister list shows it; of directory roles no document says it.
  return startUnlessThere(tenant, wanted, "Activated", wanted.durationSeconds, "Group");
}

/** An administrator assigns a role, for good when `durationSeconds` is null. */
export function adminAssign(tenant: Tenant, wanted: Wanted & { durationSeconds: number | null }): Assignment {
  return startUnlessThere(tenant, wanted, "Assigned", wanted.durationSeconds);
}

/** Moves the end of a time-bound assignment. Start and schedule id stay, which no document promises. */
export function extend(tenant: Tenant, scheduleId: string, bySeconds: number): Assignment {
  const assignment = assignmentById(tenant, scheduleId);
  if (assignment.endsAt === null) throw new Refusal(400, "InvalidScheduleRequest", "a permanent assignment has no end");
  const endDateTime = graphTime(tenant, assignment.endsAt + bySeconds * 1000);
  assignment.endsAt = Date.parse(endDateTime);
  assignment.instance = { ...assignment.instance, endDateTime };
  tenant.instances.put(scheduleId, assignment.instance);
  tenant.history.record({ event: "roleExtended", ...roleFields(assignment.instance), endDateTime });
  publishInstance(tenant, assignment.instance, "updated");
  endWhenDue(tenant, assignment);
  return assignment;
}

/** The user gives the role back: not in the first five minutes (Entra docs: pim-how-to-activate-role). */
export function selfDeactivate(tenant: Tenant, scheduleId: string): void {
  const assignment = assignmentById(tenant, scheduleId);
  const activeMs = tenant.clock.now() - assignment.startedAt;
  if (activeMs < tenant.settings.minimumActiveSeconds * 1000) {
    auditRefusedDeactivation(tenant, assignment.instance);
    throw new Refusal(
      400,
      "ActiveDurationTooShort",
      "a role can be deactivated five minutes after its activation at the earliest",
    );
  }
  endAssignment(tenant, assignment, "deactivated");
}

/** An administrator takes an assignment away in PIM. */
export function adminRemove(tenant: Tenant, scheduleId: string): void {
  endAssignment(tenant, assignmentById(tenant, scheduleId), "removed");
}

/** An administrator takes the eligibility away, and with it what was activated by it: no document says so, and none says otherwise. */
export function removeEligibility(tenant: Tenant, privilege: Privilege): void {
  if (!tenant.eligibilities.delete(privilegeKey(privilege))) {
    throw new Refusal(404, "RoleAssignmentDoesNotExist", "the principal is not eligible for this role at this scope");
  }
  for (const assignment of assignmentsOfPrivilege(tenant, privilege)) {
    const { ending, instance } = assignment;
    if (!ending && instance.assignmentType === "Activated") endAssignment(tenant, assignment, "removed");
  }
}

/** Someone removes the directory row itself; PIM's schedules of that privilege go with it. */
export function removeOutsidePim(tenant: Tenant, privilege: Privilege): void {
  const active = assignmentsOfPrivilege(tenant, privilege).filter(({ ending }) => !ending);
  if (active.length === 0)
    throw new Refusal(404, "RoleAssignmentDoesNotExist", "the principal does not hold this role");
  for (const assignment of active) endAssignment(tenant, assignment, "removedOutsidePim");
}

function startUnlessThere(
  tenant: Tenant,
  wanted: Wanted,
  assignmentType: "Assigned" | "Activated",
  durationSeconds: number | null,
  memberType: "Direct" | "Group" = "Direct",
): Assignment {
  if (!tenant.roles.has(wanted.roleDefinitionId)) {
    throw new Refusal(400, "RoleNotFound", `there is no role ${wanted.roleDefinitionId}`);
  }
  if (!canHoldRoles(tenant, wanted.principalId)) {
    throw new Refusal(400, "SubjectNotFound", "the principal is no user, service principal or role-assignable group");
  }
  if (assignmentsOfPrivilege(tenant, wanted).some(({ instance }) => instance.assignmentType === assignmentType)) {
    throw new Refusal(400, "RoleAssignmentExists", "the principal already has this assignment, or it is not gone yet");
  }
  return startAssignment(tenant, { ...wanted, assignmentType, memberType, durationSeconds });
}

function canHoldRoles({ users, servicePrincipals, groups }: Tenant, id: string): boolean {
  return users.primary.has(id) || servicePrincipals.has(id) || groups.primary.get(id)?.isAssignableToRole === true;
}
