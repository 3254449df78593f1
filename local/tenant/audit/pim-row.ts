import type { Tenant } from "../tenant.ts";
import { type AuditDraft, type AuditTarget, auditTarget, gained } from "./audit-row.ts";

/** What somebody writes into PIM's form. */
export interface Form {
  readonly justification: string;
  readonly ticketNumber: string;
}

/** What a row of PIM is about, in either plane: Entra roles and PIM for Groups use the same words. */
export interface PimAct extends Pick<AuditDraft, "category" | "activityDisplayName" | "initiatedBy"> {
  readonly role: { readonly templateId: string; readonly displayName: string };
  readonly principal: AuditTarget;
  /** The group, in PIM for Groups; the directory otherwise. */
  readonly container?: AuditTarget;
  readonly schedule: {
    readonly id: string;
    readonly originId: string;
    readonly startDateTime: string | null;
    readonly endDateTime: string | null;
  };
  readonly auditType: string;
  readonly actionType?: string;
  readonly operationType?: string;
  readonly refusedBecause?: string;
  readonly form?: Form | undefined;
}

/** Writes PIM's row of an act, with its crowd of targets (a row of an expiry has been seen with nine). */
export function writePimRow(tenant: Tenant, act: PimAct): void {
  const { role, principal, schedule, refusedBecause, form } = act;
  const origin = { RoleDefinitionOriginId: role.templateId, RoleDefinitionOriginType: "BuiltInRole" };
  const roleProperties = gained({ ...origin, TemplateId: role.templateId }, '""');
  const details = {
    AuditType: act.auditType,
    ...(act.actionType ? { ActionType: act.actionType } : {}),
    ...origin,
    TemplateId: role.templateId,
    ...(schedule.startDateTime ? { StartTime: schedule.startDateTime } : {}),
    ...(schedule.endDateTime ? { ExpirationTime: schedule.endDateTime } : {}),
    // The justification has been seen in rows of assignments; where the ticket stands is our guess.
    ...(form ? { Justification: form.justification, TicketNumber: form.ticketNumber } : {}),
    OriginRoleAssignmentId: schedule.originId,
    RoleAssignmentRequestId: schedule.id,
  };
  tenant.audit.write({
    category: act.category,
    activityDisplayName: act.activityDisplayName,
    loggedByService: "PIM",
    operationType: act.operationType ?? "Update",
    initiatedBy: act.initiatedBy,
    ...(form ? { resultReason: form.justification } : {}),
    ...(refusedBecause ? { result: "failure", resultReason: refusedBecause } : {}),
    targetResources: [
      auditTarget("Role", role.templateId, { displayName: role.displayName, modifiedProperties: roleProperties }),
      auditTarget("Request", schedule.id),
      principal,
      act.container ?? auditTarget("Directory", tenant.identity.tenantId, { displayName: "Simulated tenant" }),
      ...Array.from({ length: 5 }, () => auditTarget("Other", null)),
    ],
    additionalDetails: Object.entries(details).map(([key, value]) => ({ key, value })),
  });
}

/** Runs `write` when PIM's row of what it does now is due. */
export function whenPimReports(tenant: Tenant, write: () => void): void {
  tenant.clock.at(tenant.clock.now() + tenant.settings.audit.pimRowAfterMs, write);
}
