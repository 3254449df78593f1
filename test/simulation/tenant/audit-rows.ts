import type { AuditRow } from "../../../shared/graph/directory-audits.ts";
import { directoryRoleRow, pimRoleRow, target } from "../../fixtures/audit/audit-rows.ts";
import { instant, roleId, scheduleId } from "./ids.ts";
import type { Principal } from "./model-tenant.ts";

/** A row of the audit log and when what it tells of was done. */
export interface TimedRow {
  readonly at: number;
  readonly row: AuditRow;
}

/** PIM's row comes some seconds after Core Directory's. */
const pimLater = 6000;

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

/** What the audit log tells of the ends of users' own roles. A user who was deleted loses them without a row. */
export function auditRows(principals: readonly Principal[]): TimedRow[] {
  return principals
    .flatMap(({ id, index, deletedAt, holdings }) =>
      holdings
        .map((holding, number) => ({ ...holding, schedule: scheduleId(index, number, 0) }))
        .filter(({ from, goneAt }) => Number.isFinite(goneAt) && goneAt > from && goneAt < deletedAt)
        .flatMap(({ role, how, goneAt, schedule }) => {
          const user = target("User", id, changed("Role.TemplateId", roleId(role)));
          const removed = directoryRoleRow({
            id: `Directory_${schedule}`,
            activityDateTime: instant(goneAt),
            targetResources: [user],
          });
          const told = { at: goneAt, row: removed };
          if (how === "outsidePim") return [told];
          const at = goneAt + pimLater;
          const why = pimRoleRow({
            id: `PIM_${schedule}`,
            activityDisplayName: byPim[how],
            activityDateTime: instant(at),
            targetResources: [target("User", id), target("Role", roleId(role))],
            additionalDetails: [
              { key: "TemplateId", value: roleId(role) },
              { key: "RoleAssignmentRequestId", value: schedule },
            ],
          });
          return [told, { at, row: why }];
        }),
    )
    .toSorted((one, other) => one.at - other.at);
}
