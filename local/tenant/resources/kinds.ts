import { assignmentsOf } from "../directory/role-assignments.ts";
import type { Tenant } from "../tenant.ts";

/** What a resource reads from a user's token. */
export interface UserClaims {
  readonly oid: string;
  readonly appid: string;
  readonly iat: number;
  readonly wids: readonly string[];
  readonly groups: readonly string[];
  readonly xms_cc?: readonly string[] | undefined;
}

type Decide = (tenant: Tenant, claims: UserClaims, query: URLSearchParams) => boolean;

/** The four ways in which resources decide (Entra docs: custom-overview; Azure docs: RBAC overview, RBAC troubleshooting). */
export const resourceKinds: Readonly<Record<string, Decide>> = {
  "trusts-wids": (_tenant, { wids }, query) => wids.includes(query.get("role") ?? ""),
  "trusts-groups": (_tenant, { groups }, query) => groups.includes(query.get("group") ?? ""),
  "looks-up-live": (tenant, { oid }, query) => holdsNow(tenant, oid, query.get("role") ?? ""),
  "caches-lookup": (tenant, { oid }, query) => {
    const role = query.get("role") ?? "";
    return tenant.lookupCache.get(`${oid}|${role}`, () => holdsNow(tenant, oid, role));
  },
};

function holdsNow(tenant: Tenant, userId: string, role: string): boolean {
  const held = assignmentsOf(tenant.directory.read(), tenant.groups.read(), userId);
  return held.some(({ roleDefinitionId }) => roleDefinitionId === role);
}
