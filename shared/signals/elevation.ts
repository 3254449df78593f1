import type { AuditRecord } from "./audit-record.ts";
import { principalsAmong } from "./audit-targets.ts";

/** The category of both activities (Entra docs: reference-audit-activities), and their service (Azure docs: elevate-access-global-admin). */
export const elevationCategory = "AzureRBACRoleManagementElevateAccess";
export const elevationService = "Azure RBAC (Elevated Access)";

/**
 * Whom such a row is about. Only the caller can be elevated (Azure docs: elevate-access-global-admin). Whether the row of a removal names the user among
 * its targets is documented nowhere: a user there counts, else whoever did it; rows that have been seen are of people who removed their own.
 */
export function elevatedUser(record: AuditRecord, elevated: boolean): string | null {
  const [user, ...more] = principalsAmong(record).filter(({ type }) => type === "user");
  const named = more.length === 0 ? (user?.id ?? null) : null;
  return elevated ? (record.initiatorId ?? named) : (named ?? record.initiatorId);
}
