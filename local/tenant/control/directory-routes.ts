import { auditSecurityInfo } from "../audit/user-rows.ts";
import { elevateAccess, removeElevation } from "../directory/elevation.ts";
import { holdersOf, removeFromGroup } from "../directory/groups.ts";
import { privilegeKey } from "../directory/role-assignments.ts";
import { roleDefinition } from "../directory/roles.ts";
import {
  createUser,
  deleteUser,
  setAccountEnabled,
  setManagementRestricted,
  setUserType,
  userById,
} from "../directory/users.ts";
import { endAssignment } from "../pim/end.ts";
import * as messages from "./messages.ts";
import { type ControlRoute, route } from "./route.ts";

/** Users, service principals, roles and who is eligible for them. */
export const directoryRoutes: readonly ControlRoute[] = [
  route("POST", /^\/users$/, messages.userSchema, ({ tenant }, body) => ({ id: createUser(tenant, body).id })),
  route("PATCH", /^\/users\/([^/]+)$/, messages.userChangeSchema, ({ tenant, params: [id = ""] }, body) => {
    if ("userType" in body) setUserType(tenant, id, body.userType);
    else if ("accountEnabled" in body) setAccountEnabled(tenant, id, body.accountEnabled);
    else setManagementRestricted(tenant, id, body.isManagementRestricted);
  }),
  route("DELETE", /^\/users\/([^/]+)\/security-info$/, messages.emptySchema, ({ tenant, params: [id = ""] }) =>
    auditSecurityInfo(tenant, userById(tenant, id).id),
  ),
  route("POST", /^\/users\/([^/]+)\/elevation$/, messages.emptySchema, ({ tenant, params: [id = ""] }) =>
    elevateAccess(tenant, id),
  ),
  route("DELETE", /^\/users\/([^/]+)\/elevation$/, messages.emptySchema, ({ tenant, params: [id = ""] }) =>
    removeElevation(tenant, id),
  ),
  route("DELETE", /^\/users\/([^/]+)$/, messages.emptySchema, ({ tenant, params: [id = ""] }) => {
    deleteUser(tenant, id);
    for (const assignment of tenant.assignments.values()) {
      const { ending, instance } = assignment;
      if (!ending && instance.principalId === id) endAssignment(tenant, assignment, "principalDeleted");
    }
    for (const group of [...tenant.groups.primary.values()]) {
      for (const access of ["member", "owner"] as const) {
        if (holdersOf(group, access).includes(id)) removeFromGroup(tenant, group.id, id, access);
      }
    }
  }),
  route("POST", /^\/service-principals$/, messages.servicePrincipalSchema, ({ tenant }, body) => {
    const id = body.id ?? tenant.random.guid();
    tenant.servicePrincipals.set(id, body.kind);
    return { id };
  }),
  route("POST", /^\/roles$/, messages.roleSchema, ({ tenant }, body) => {
    const id = body.id ?? tenant.random.guid();
    tenant.roles.set(id, roleDefinition(id, body.name, false));
    return { id };
  }),
  route("POST", /^\/eligibilities$/, messages.privilegeSchema, ({ tenant }, body) => {
    tenant.eligibilities.add(privilegeKey(body));
  }),
];
