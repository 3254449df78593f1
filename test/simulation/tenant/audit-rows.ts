import type { AuditRow } from "../../../shared/graph/directory-audits.ts";
import {
  directoryGroupRow,
  directoryRoleRow,
  pimGroupRow,
  pimRoleRow,
  target,
} from "../../fixtures/audit/audit-rows.ts";
import { assumed } from "./assumed.ts";
import type { Group, Stay } from "./groups.ts";
import type { Holding } from "./holding.ts";
import { instant, principalId, roleId, scheduleId } from "./ids.ts";
import type { Principal } from "./model-tenant.ts";

/** A row of the audit log and when what it reports was done. */
export interface TimedRow {
  readonly at: number;
  /** How much later than others the log shows it, milliseconds: two services write it. */
  readonly late: number;
  readonly row: AuditRow;
}

interface Holder {
  readonly type: "User" | "ServicePrincipal" | "Group";
  readonly id: string;
  /** A number for the ids of its rows. */
  readonly number: number;
}

/** What the audit log reports of the ends of roles and of memberships. Whoever was deleted loses them without a row. */
export function auditRows(principals: readonly Principal[], groups: readonly Group[]): TimedRow[] {
  const own = principals.flatMap(({ id, index, deletedAt, holdings, script }) => {
    const type = script.kind === "servicePrincipal" ? "ServicePrincipal" : "User";
    return holdings
      .filter(({ goneAt }) => goneAt < deletedAt)
      .flatMap((holding, number) => roleRows({ type, id, number: index }, holding, number));
  });
  const ofGroups = groups.flatMap((group) => [
    ...(group.holding === null
      ? []
      : roleRows({ type: "Group", id: group.id, number: 8000 + group.number }, group.holding, 0)),
    ...group.stays
      .filter(({ nested, goneAt, principal }) => !nested && goneAt < (principals[principal]?.deletedAt ?? 0))
      .flatMap((stay) => accessRows(group.id, stay)),
  ]);
  return [...own, ...ofGroups].toSorted((one, other) => one.at - other.at);
}

const byPim = {
  expires: "Remove member from role (PIM activation expired)",
  deactivated: "Remove member from role completed (PIM deactivate)",
  removed: "Remove member from role in PIM completed (timebound)",
};

const changed = (displayName: string, value: string) => ({
  displayName,
  oldValue: JSON.stringify(value),
  newValue: null,
});

function roleRows(
  { type, id, number }: Holder,
  { role, scoped, how, from, goneAt }: Holding,
  index: number,
): TimedRow[] {
  if (!Number.isFinite(goneAt) || goneAt <= from) return [];
  const schedule = scheduleId(number, index, 0);
  const removed = directoryRoleRow({
    id: `Directory_${schedule}`,
    activityDisplayName: scoped ? "Remove scoped member from role" : "Remove member from role",
    activityDateTime: instant(goneAt),
    targetResources: [target(type, id, changed("Role.TemplateId", roleId(role)))],
  });
  const recorded = { at: goneAt, late: 0, row: removed };
  if (how === "outsidePim") return [recorded];
  const at = goneAt + assumed.auditSlack;
  const why = pimRoleRow({
    id: `PIM_${schedule}`,
    activityDisplayName: byPim[how],
    activityDateTime: instant(at),
    targetResources: [target(type, id), target("Role", roleId(role))],
    additionalDetails: [
      { key: "TemplateId", value: roleId(role) },
      { key: "RoleAssignmentRequestId", value: schedule },
    ],
  });
  return [recorded, { at, late: lateness(goneAt), row: why }];
}

function accessRows(groupId: string, { principal, access, kind, plannedEnd, goneAt, schedule }: Stay): TimedRow[] {
  if (!Number.isFinite(goneAt)) return [];
  const targets = [target("Group", groupId), target("User", principalId(principal))];
  const left = directoryGroupRow({
    id: `Directory_${schedule}`,
    activityDisplayName: `Remove ${access} from group`,
    activityDateTime: instant(goneAt),
    targetResources: targets,
  });
  const recorded = { at: goneAt, late: 0, row: left };
  if (kind !== "activated" || plannedEnd === null || goneAt < plannedEnd) return [recorded];
  const at = goneAt + assumed.auditSlack;
  const expired = pimGroupRow({ id: `PIM_${schedule}`, activityDateTime: instant(at), targetResources: targets });
  return [recorded, { at, late: lateness(goneAt), row: expired }];
}

/** As good as drawn. */
const lateness = (at: number): number => at % 60_000;
