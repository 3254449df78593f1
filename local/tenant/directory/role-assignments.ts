import { type Group, groupsOf } from "./groups.ts";
import type { RoleDefinition } from "./roles.ts";

/** A row of the directory itself: what the roles of a principal really are. */
export interface DirectoryAssignment {
  readonly id: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}

export interface Privilege {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}

/** The directory holds one row per privilege, however many schedules stand behind it. */
export function privilegeKey({ principalId, roleDefinitionId, directoryScopeId }: Privilege): string {
  return [principalId, roleDefinitionId, directoryScopeId].join("|");
}

/** The assignments that give a user roles, own ones and those of the groups the user is in. */
export function assignmentsOf(
  assignments: ReadonlyMap<string, DirectoryAssignment>,
  groups: ReadonlyMap<string, Group>,
  userId: string,
): DirectoryAssignment[] {
  const holders = groupsOf(groups, userId).add(userId);
  return [...assignments.values()].filter(({ principalId }) => holders.has(principalId));
}

/** What the `wids` claim holds: tenant-wide built-in roles, each once (Entra docs: access token claims reference). */
export function wideRoleIds(
  assignments: readonly DirectoryAssignment[],
  definitions: ReadonlyMap<string, RoleDefinition>,
): string[] {
  const wide = assignments.filter(({ directoryScopeId }) => directoryScopeId === "/");
  const ids = new Set(wide.map(({ roleDefinitionId }) => roleDefinitionId));
  return [...ids].filter((id) => definitions.get(id)?.isBuiltIn === true);
}
