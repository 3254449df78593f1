import type { Tenant } from "../tenant.ts";
import { type AuditTarget, auditTarget, type Initiator, type ModifiedProperty } from "./audit-row.ts";

const nobody = { userPrincipalName: null, ipAddress: null, userType: null, homeTenantId: null, homeTenantName: null };

/** PIM as Core Directory names it. */
export const msPim: Initiator = {
  user: null,
  app: {
    appId: null,
    displayName: "MS-PIM",
    servicePrincipalId: "5100a111-0000-4000-a000-000000000001",
    servicePrincipalName: null,
  },
};

/** PIM as PIM names itself, when nobody else acted. */
export const azureAdPim: Initiator = {
  user: { id: "5100a111-0000-4000-a000-000000000002", displayName: "Azure AD PIM", ...nobody },
  app: null,
};

/** Who does what the control API is asked to do in an administrator's name. Not a user of the directory. */
export const administrator: Initiator = {
  user: {
    ...nobody,
    id: "5100a111-0000-4000-a000-000000000003",
    displayName: "Simulated administrator",
    userPrincipalName: "administrator@simulated.example",
    ipAddress: "192.0.2.1",
  },
  app: null,
};

/** A principal acting for itself. */
export function themselves(tenant: Tenant, id: string): Initiator {
  const user = tenant.users.primary.get(id);
  const names = { displayName: user?.displayName ?? "", userPrincipalName: user?.userPrincipalName ?? null };
  return { user: { ...nobody, id, ...names, ipAddress: "192.0.2.10" }, app: null };
}

/** The app that holds a Graph token. */
export function application(appId: string): Initiator {
  const app = {
    appId,
    displayName: "Simulated managed identity",
    servicePrincipalId: appId,
    servicePrincipalName: null,
  };
  return { user: null, app };
}

/** A user, service principal or group as the target of an activity. Someone just deleted was a user. */
export function principalTarget(
  { users, groups, servicePrincipals }: Tenant,
  id: string,
  modifiedProperties: readonly ModifiedProperty[] = [],
): AuditTarget {
  if (servicePrincipals.has(id)) return auditTarget("ServicePrincipal", id, { modifiedProperties });
  const group = groups.primary.get(id);
  if (group !== undefined) return auditTarget("Group", id, { displayName: group.displayName, modifiedProperties });
  const { displayName = null, userPrincipalName = null } = users.primary.get(id) ?? {};
  return auditTarget("User", id, { displayName, userPrincipalName, modifiedProperties });
}
