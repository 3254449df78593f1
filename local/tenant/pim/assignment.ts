import type { Privilege } from "../directory/role-assignments.ts";
import { privilegeKey } from "../directory/role-assignments.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";

/** A row of `roleAssignmentScheduleInstances`, with Graph's names. */
export interface RoleInstance extends Privilege {
  readonly id: string;
  readonly appScopeId: string | null;
  readonly startDateTime: string | null;
  readonly endDateTime: string | null;
  readonly assignmentType: "Assigned" | "Activated";
  readonly memberType: "Direct" | "Inherited" | "Group";
  readonly roleAssignmentOriginId: string;
  readonly roleAssignmentScheduleId: string;
}

/** When an ended assignment disappears, in tenant milliseconds. */
export interface RemovalTiming {
  /** From the end until PIM acts. */
  delayMs: number;
  /** From then until the instance list has lost it, on its primary. */
  listAfterMs: number;
  /** From then until the directory has lost it, on its primary. */
  directoryAfterMs: number;
}

/** An assignment from its start until it is gone everywhere. */
export interface Assignment {
  instance: RoleInstance;
  readonly startedAt: number;
  /** Null: permanent. */
  endsAt: number | null;
  ending: boolean;
  /** Overrides of the tenant's removal timing for this assignment alone. */
  readonly removal: Partial<RemovalTiming>;
}

/** The assignment with this schedule id; a {@link Refusal} 404 if it is not active. */
export function assignmentById(tenant: Tenant, scheduleId: string): Assignment {
  const assignment = tenant.assignments.get(scheduleId);
  if (assignment === undefined || assignment.ending) {
    throw new Refusal(404, "RoleAssignmentDoesNotExist", `no active assignment has the schedule id ${scheduleId}`);
  }
  return assignment;
}

/** All assignments of one privilege that have not disappeared yet. */
export function assignmentsOfPrivilege(tenant: Tenant, privilege: Privilege): Assignment[] {
  const key = privilegeKey(privilege);
  return [...tenant.assignments.values()].filter(({ instance }) => privilegeKey(instance) === key);
}

/** The part of a history event that says which role of whom it is about. */
export function roleFields(instance: RoleInstance): Privilege & { scheduleId: string } {
  const { principalId, roleDefinitionId, directoryScopeId, roleAssignmentScheduleId } = instance;
  return { principalId, roleDefinitionId, directoryScopeId, scheduleId: roleAssignmentScheduleId };
}
