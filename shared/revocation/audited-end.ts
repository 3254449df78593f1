import { isRole, type Obligation } from "../model/pending-revocation.ts";

/** Whom and what the audit log names when this ends: the group that lost the role, or the user who lost their place in the group. */
export interface AuditedEnd {
  readonly principalId: string;
  /** Role definition id, or group id. */
  readonly privilegeId: string;
}

export function auditedEnds(obligation: Obligation, userId: string): readonly AuditedEnd[] {
  const { through } = obligation;
  const role = isRole(obligation)
    ? [{ principalId: through?.groupId ?? userId, privilegeId: obligation.roleDefinitionId }]
    : [];
  const access = through === undefined ? [] : [{ principalId: userId, privilegeId: through.groupId }];
  if (through?.ended === "role") return role;
  if (through?.ended === "access") return access;
  return [...role, ...access];
}
