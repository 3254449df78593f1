import { auditAccessEnd, auditAccessStart } from "../audit/group-rows.ts";
import { msPim } from "../audit/parties.ts";
import { addToGroup, type GroupAccess, groupById, holdersOf, removeFromGroup } from "../directory/groups.ts";
import type { Happening } from "../history-events.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import type { RemovalTiming } from "./assignment.ts";
import { graphTime } from "./start.ts";

/** A row of PIM for Groups' `assignmentScheduleInstances`, with Graph's names. */
export interface GroupInstance {
  readonly id: string;
  readonly principalId: string;
  readonly groupId: string;
  readonly accessId: GroupAccess;
  readonly startDateTime: string | null;
  readonly endDateTime: string | null;
  readonly assignmentType: "assigned" | "activated";
  readonly memberType: "direct" | "group";
  readonly assignmentScheduleId: string;
}

/** A membership or ownership that PIM gave, from its start until it is gone everywhere. */
export interface GroupAssignment {
  instance: GroupInstance;
  readonly startedAt: number;
  endsAt: number | null;
  ending: boolean;
  /** Held outside PIM before, so PIM's end leaves it. */
  readonly heldBefore: boolean;
  readonly removal: Partial<RemovalTiming>;
}

export interface WantedAccess extends Pick<GroupInstance, "groupId" | "principalId" | "accessId" | "assignmentType"> {
  /** Null: permanent. */
  durationSeconds: number | null;
  removal: Partial<RemovalTiming>;
}

type EndReason = Extract<Happening, { event: "groupAccessEnded" }>["reason"];

/** Gives a membership or ownership now; unlike with roles, nobody needs to be eligible. */
export function startGroupAccess(tenant: Tenant, wanted: WantedAccess): GroupAssignment {
  const { groupId, principalId, accessId, assignmentType, durationSeconds, removal } = wanted;
  const there = [...tenant.groupAssignments.values()].some(
    ({ instance }) =>
      instance.groupId === groupId && instance.principalId === principalId && instance.accessId === accessId,
  );
  if (there) throw new Refusal(400, "RoleAssignmentExists", "PIM already gives this access, or it is not gone yet");
  const startedAt = tenant.clock.now();
  const endDateTime = durationSeconds === null ? null : graphTime(tenant, startedAt + durationSeconds * 1000);
  const heldBefore = holdersOf(groupById(tenant, groupId), accessId).includes(principalId);
  // The GUIDs inside the two ids differ in Microsoft's own sample.
  const id = () => `${groupId}_${accessId}_${tenant.random.guid()}`;
  const instance: GroupInstance = {
    id: id(),
    principalId,
    groupId,
    accessId,
    startDateTime: endDateTime === null ? null : graphTime(tenant, startedAt),
    endDateTime,
    assignmentType,
    memberType: "direct",
    assignmentScheduleId: id(),
  };
  const endsAt = endDateTime === null ? null : Date.parse(endDateTime);
  const assignment = { instance, startedAt, endsAt, ending: false, heldBefore, removal };
  tenant.groupAssignments.set(instance.assignmentScheduleId, assignment);
  tenant.history.record({ event: "groupAccessStarted", ...accessFields(instance), endDateTime });
  tenant.groupInstances.put(instance.assignmentScheduleId, instance);
  if (!heldBefore) addToGroup(tenant, groupId, principalId, accessId, msPim);
  auditAccessStart(tenant, instance);
  endWhenDue(tenant, assignment);
  return assignment;
}

/** Moves the end of a time-bound membership or ownership. */
export function extendGroupAccess(tenant: Tenant, scheduleId: string, bySeconds: number): GroupAssignment {
  const assignment = groupAssignmentById(tenant, scheduleId);
  if (assignment.endsAt === null) throw new Refusal(400, "InvalidScheduleRequest", "a permanent assignment has no end");
  const endDateTime = graphTime(tenant, assignment.endsAt + bySeconds * 1000);
  assignment.endsAt = Date.parse(endDateTime);
  assignment.instance = { ...assignment.instance, endDateTime };
  tenant.groupInstances.put(scheduleId, assignment.instance);
  tenant.history.record({ event: "groupAccessExtended", ...accessFields(assignment.instance), endDateTime });
  endWhenDue(tenant, assignment);
  return assignment;
}

/** Ends it before its time: `deactivated` by the holder, not in the first five minutes, or `removed` by an administrator. */
export function endGroupAccess(tenant: Tenant, scheduleId: string, reason: "deactivated" | "removed"): void {
  const assignment = groupAssignmentById(tenant, scheduleId);
  const activeMs = tenant.clock.now() - assignment.startedAt;
  if (reason === "deactivated" && activeMs < tenant.settings.minimumActiveSeconds * 1000) {
    throw new Refusal(400, "ActiveDurationTooShort", "deactivation is possible five minutes after activation");
  }
  end(tenant, assignment, reason);
}

function endWhenDue(tenant: Tenant, assignment: GroupAssignment): void {
  const { endsAt } = assignment;
  if (endsAt === null) return;
  tenant.clock.at(endsAt, () => {
    if (!assignment.ending && assignment.endsAt === endsAt) end(tenant, assignment, "expired");
  });
}

function end(tenant: Tenant, assignment: GroupAssignment, reason: EndReason): void {
  const { instance, heldBefore } = assignment;
  const { groupId, principalId, accessId, assignmentScheduleId } = instance;
  assignment.ending = true;
  tenant.history.record({ event: "groupAccessEnded", ...accessFields(instance), reason });
  const timing = { ...tenant.settings.removal, ...assignment.removal };
  const actsAt = tenant.clock.now() + timing.delayMs;
  tenant.clock.at(actsAt + timing.listAfterMs, () =>
    tenant.groupInstances.remove(assignmentScheduleId, (shown) =>
      tenant.history.record({ event: "groupAccessRemoved", ...accessFields(instance), shown }),
    ),
  );
  tenant.clock.at(actsAt + timing.directoryAfterMs, () => {
    const group = tenant.groups.primary.get(groupId);
    const holds = group !== undefined && holdersOf(group, accessId).includes(principalId);
    if (holds && !heldBefore) removeFromGroup(tenant, groupId, principalId, accessId, msPim);
    auditAccessEnd(tenant, instance, reason);
  });
  tenant.clock.at(actsAt + Math.max(timing.listAfterMs, timing.directoryAfterMs), () =>
    tenant.groupAssignments.delete(assignmentScheduleId),
  );
}

function groupAssignmentById(tenant: Tenant, scheduleId: string): GroupAssignment {
  const assignment = tenant.groupAssignments.get(scheduleId);
  if (assignment === undefined || assignment.ending) {
    throw new Refusal(
      404,
      "RoleAssignmentDoesNotExist",
      `no active group assignment has the schedule id ${scheduleId}`,
    );
  }
  return assignment;
}

function accessFields({ groupId, principalId, accessId, assignmentScheduleId }: GroupInstance) {
  return { groupId, principalId, accessId, scheduleId: assignmentScheduleId };
}
