/** A `directoryAudit` with Graph's names (Graph docs: directoryaudit). */
export interface AuditRow {
  readonly id: string;
  readonly category: string;
  readonly correlationId: string;
  readonly result: "success" | "failure";
  readonly resultReason: string;
  readonly activityDisplayName: string;
  readonly activityDateTime: string;
  readonly loggedByService: "Core Directory" | "PIM" | "Authentication Methods" | "Azure RBAC (Elevated Access)";
  readonly operationType: string;
  /** Graph returns both, one of them null. */
  readonly initiatedBy: Initiator;
  readonly targetResources: readonly AuditTarget[];
  readonly additionalDetails: readonly AuditDetail[];
}

export interface Initiator {
  readonly user: AuditUser | null;
  readonly app: AuditApp | null;
}

export interface AuditUser {
  readonly id: string | null;
  readonly displayName: string;
  readonly userPrincipalName: string | null;
  readonly ipAddress: string | null;
  readonly userType: string | null;
  readonly homeTenantId: string | null;
  readonly homeTenantName: string | null;
}

export interface AuditApp {
  readonly appId: string | null;
  readonly displayName: string;
  readonly servicePrincipalId: string;
  readonly servicePrincipalName: string | null;
}

export interface AuditTarget {
  readonly id: string | null;
  readonly displayName: string | null;
  readonly type: string;
  readonly userPrincipalName: string | null;
  readonly groupType: string | null;
  readonly modifiedProperties: readonly ModifiedProperty[];
}

/** Values are JSON inside a string. */
export interface ModifiedProperty {
  readonly displayName: string;
  readonly oldValue: string | null;
  readonly newValue: string | null;
}

export interface AuditDetail {
  readonly key: string;
  readonly value: string;
}

/** What the writer of a row says; the log adds ids and the time. */
export interface AuditDraft
  extends Pick<AuditRow, "category" | "activityDisplayName" | "loggedByService" | "operationType" | "initiatedBy"> {
  /** In no order: the log shuffles them, because no order is documented. */
  readonly targetResources: readonly AuditTarget[];
  readonly result?: AuditRow["result"];
  readonly resultReason?: string;
  readonly additionalDetails?: readonly AuditDetail[];
}

export function auditTarget(type: string, id: string | null, rest: Partial<AuditTarget> = {}): AuditTarget {
  return { id, displayName: null, type, userPrincipalName: null, groupType: null, modifiedProperties: [], ...rest };
}

/** Properties that something lost. */
export function lost(values: Readonly<Record<string, string>>): ModifiedProperty[] {
  return Object.entries(values).map(([displayName, value]) => ({
    displayName,
    oldValue: JSON.stringify(value),
    newValue: null,
  }));
}

/** Properties that something gained; PIM writes an empty old value, Core Directory none. */
export function gained(values: Readonly<Record<string, string>>, oldValue: '""' | null = null): ModifiedProperty[] {
  return Object.entries(values).map(([displayName, value]) => ({
    displayName,
    oldValue,
    newValue: JSON.stringify(value),
  }));
}
