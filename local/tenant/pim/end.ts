import { auditRoleEnd, auditRoleEndRequest } from "../audit/role-rows.ts";
import { privilegeKey } from "../directory/role-assignments.ts";
import type { HistoryEvent } from "../history-events.ts";
import { publishChange } from "../notifications/publish.ts";
import type { Tenant } from "../tenant.ts";
import {
  type Assignment,
  assignmentsOfPrivilege,
  type RemovalTiming,
  type RoleInstance,
  roleFields,
} from "./assignment.ts";

export type EndReason = Extract<HistoryEvent, { event: "roleEnded" }>["reason"];

/**
 * Ends an assignment now. PIM takes it away a moment later (Entra docs: pim-how-to-activate-role, "within seconds"), and the
 * instance list and the directory lose it each at its own time.
 */
export function endAssignment(tenant: Tenant, assignment: Assignment, reason: EndReason): void {
  assignment.ending = true;
  tenant.history.record({ event: "roleEnded", ...roleFields(assignment.instance), reason });
  auditRoleEndRequest(tenant, assignment.instance, reason);
  const timing: RemovalTiming = { ...tenant.settings.removal, ...assignment.removal };
  const actsAt = tenant.clock.now() + (reason === "removedOutsidePim" ? 0 : timing.delayMs);
  let left = 2;
  const done = () => {
    left -= 1;
    if (left === 0) tenant.assignments.delete(assignment.instance.roleAssignmentScheduleId);
  };
  tenant.clock.at(actsAt + timing.listAfterMs, () => {
    leaveList(tenant, assignment);
    done();
  });
  tenant.clock.at(actsAt + timing.directoryAfterMs, () => {
    const lost = leaveDirectory(tenant, assignment);
    auditRoleEnd(tenant, assignment.instance, reason, lost);
    done();
  });
}

function leaveList(tenant: Tenant, { instance }: Assignment): void {
  tenant.instances.remove(instance.roleAssignmentScheduleId, (shown) =>
    tenant.history.record({ event: "roleRemoved", ...roleFields(instance), store: "list", shown }),
  );
  publishInstance(tenant, instance, "deleted");
}

/** Notified only where the tenant offers what no document does. */
export function publishInstance(
  tenant: Tenant,
  { id }: RoleInstance,
  changeType: "created" | "updated" | "deleted",
): void {
  publishChange(tenant, { kind: "roleInstances", id, changeType, part: null, delta: null });
}

/** Whether the directory lost the role by it. */
function leaveDirectory(tenant: Tenant, { instance }: Assignment): boolean {
  const role = roleFields(instance);
  if (assignmentsOfPrivilege(tenant, instance).some(({ ending }) => !ending)) {
    tenant.history.record({ event: "directoryKept", ...role });
    return false;
  }
  const key = privilegeKey(instance);
  // Two schedules of one privilege may end together; the row leaves once.
  if (!tenant.directory.primary.has(key)) return false;
  tenant.tokenService.remove(key);
  tenant.directory.remove(key, (shown) =>
    tenant.history.record({ event: "roleRemoved", ...role, store: "directory", shown }),
  );
  return true;
}
