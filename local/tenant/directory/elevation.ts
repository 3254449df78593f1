import { auditElevation } from "../audit/user-rows.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import { assignmentsOf } from "./role-assignments.ts";
import { builtInRoles } from "./roles.ts";
import { userById } from "./users.ts";

/**
 * "Access management for Azure resources" (Azure docs: elevate-access-global-admin): a Global Administrator gives themselves User Access Administrator at
 * the root of Azure. It stays when the role ends. Doing it once more changes nothing and is written down all the same.
 */
export function elevateAccess(tenant: Tenant, userId: string): void {
  const { id } = userById(tenant, userId);
  const held = assignmentsOf(tenant.directory.primary, tenant.groups.primary, id);
  const isGlobalAdministrator = held.some(
    ({ roleDefinitionId, directoryScopeId }) =>
      roleDefinitionId === builtInRoles.globalAdministrator && directoryScopeId === "/",
  );
  if (!isGlobalAdministrator) throw new Refusal(403, "Forbidden", "only a Global Administrator can elevate access");
  tenant.elevated.add(id);
  auditElevation(tenant, id, "elevated");
}

/** The user takes it away from themselves; whoever it was, the row names who did it. */
export function removeElevation(tenant: Tenant, userId: string): void {
  if (!tenant.elevated.delete(userId)) throw new Refusal(404, "NotElevated", `${userId} has not elevated their access`);
  auditElevation(tenant, userId, "removed");
}
