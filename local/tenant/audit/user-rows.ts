import type { Tenant } from "../tenant.ts";
import type { Initiator } from "./audit-row.ts";
import { administrator, application, principalTarget } from "./parties.ts";

/** What an administrator did to an account. Write a deletion before it: the row names the user. */
export function auditAccount(
  tenant: Tenant,
  userId: string,
  activity: "Disable account" | "Enable account" | "Delete user",
): void {
  write(tenant, userId, activity, administrator, activity === "Delete user" ? "Delete" : "Update");
}

/** An administrator took a user's methods of strong authentication away; their sessions go on. */
export function auditSecurityInfo(tenant: Tenant, userId: string): void {
  tenant.audit.write({
    category: "UserManagement",
    activityDisplayName: "Admin deleted security info",
    loggedByService: "Authentication Methods",
    operationType: "Delete",
    initiatedBy: administrator,
    targetResources: [principalTarget(tenant, userId)],
  });
}

/** The trace that a revocation of sessions leaves. No activity is named after the revocation itself. */
export function auditRevoke(tenant: Tenant, userId: string, appId: string): void {
  for (const activity of ["Update StsRefreshTokenValidFrom Timestamp", "Update user"]) {
    write(tenant, userId, activity, application(appId), "Update");
  }
}

function write(tenant: Tenant, userId: string, activity: string, by: Initiator, operationType: string): void {
  tenant.audit.write({
    category: "UserManagement",
    activityDisplayName: activity,
    loggedByService: "Core Directory",
    operationType,
    initiatedBy: by,
    targetResources: [principalTarget(tenant, userId)],
  });
}
