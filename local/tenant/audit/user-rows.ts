import type { Tenant } from "../tenant.ts";
import type { Initiator } from "./audit-row.ts";
import { administrator, application, principalTarget, themselves } from "./parties.ts";

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

/** Azure's own rows (Azure docs: elevate-access-global-admin). Of their shape only the initiator has been published: there is no target. */
export function auditElevation(tenant: Tenant, userId: string, what: "elevated" | "removed"): void {
  tenant.audit.write({
    category: "AzureRBACRoleManagementElevateAccess",
    activityDisplayName:
      what === "elevated"
        ? "User has elevated their access to User Access Administrator for their Azure Resources"
        : "The role assignment of User Access Administrator has been removed from the user",
    loggedByService: "Azure RBAC (Elevated Access)",
    operationType: what === "elevated" ? "Assign" : "Unassign",
    initiatedBy: themselves(tenant, userId),
    targetResources: [],
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
