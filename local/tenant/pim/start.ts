import type { Form } from "../audit/pim-row.ts";
import { auditRoleStart } from "../audit/role-rows.ts";
import { privilegeKey } from "../directory/role-assignments.ts";
import { isoFraction } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import { type Assignment, type RemovalTiming, type RoleInstance, roleFields } from "./assignment.ts";
import { endAssignment, publishInstance } from "./end.ts";
import { instanceId } from "./instance-id.ts";

export interface WantedAssignment {
  principalId: string;
  roleDefinitionId: string;
  directoryScopeId: string;
  assignmentType: RoleInstance["assignmentType"];
  memberType: RoleInstance["memberType"];
  /** Null: permanent. */
  durationSeconds: number | null;
  removal: Partial<RemovalTiming>;
  /** What the user wrote when they activated. */
  form?: Form | undefined;
}

/** Makes an assignment active now: in the instance list, the directory and the token service. */
export function startAssignment(tenant: Tenant, wanted: WantedAssignment): Assignment {
  const { principalId, roleDefinitionId, directoryScopeId, assignmentType, memberType, durationSeconds } = wanted;
  const id = instanceId(wanted);
  const startedAt = tenant.clock.now();
  const endDateTime = durationSeconds === null ? null : graphTime(tenant, startedAt + durationSeconds * 1000);
  const assignment: Assignment = {
    startedAt,
    endsAt: endDateTime === null ? null : Date.parse(endDateTime),
    ending: false,
    removal: wanted.removal,
    instance: {
      id,
      principalId,
      roleDefinitionId,
      directoryScopeId,
      appScopeId: null,
      startDateTime: endDateTime === null ? null : graphTime(tenant, startedAt),
      endDateTime,
      assignmentType,
      memberType,
      roleAssignmentOriginId: id,
      // A permanent row's schedule id is its own id; every activation gets a fresh one.
      roleAssignmentScheduleId: endDateTime === null ? id : tenant.random.guid(),
    },
  };
  const { instance } = assignment;
  tenant.assignments.set(instance.roleAssignmentScheduleId, assignment);
  tenant.history.record({ event: "roleStarted", ...roleFields(instance), assignmentType, endDateTime });
  tenant.instances.put(instance.roleAssignmentScheduleId, instance);
  const row = { id, principalId, roleDefinitionId, directoryScopeId };
  tenant.directory.put(privilegeKey(row), row);
  tenant.tokenService.put(privilegeKey(row), row);
  auditRoleStart(tenant, instance, wanted.form);
  publishInstance(tenant, instance, "created");
  endWhenDue(tenant, assignment);
  return assignment;
}

/** Arms the end of a time-bound assignment. One that is extended meanwhile finds its old timer to be early. */
export function endWhenDue(tenant: Tenant, assignment: Assignment): void {
  const { endsAt } = assignment;
  if (endsAt === null) return;
  tenant.clock.at(endsAt, () => {
    if (!assignment.ending && assignment.endsAt === endsAt) endAssignment(tenant, assignment, "expired");
  });
}

/** Graph's fraction digits vary from answer to answer. */
export function graphTime(tenant: Tenant, time: number): string {
  return isoFraction(time, [0, 2, 3, 7][tenant.random.integer(0, 3)] ?? 3);
}
