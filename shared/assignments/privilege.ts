import type { RolePrivilege } from "../graph/graph.ts";

/** Identifies a privilege of one principal: role, directory scope and app scope. */
export const privilegeKey = ({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): string =>
  JSON.stringify([roleDefinitionId, directoryScopeId, appScopeId]);

export const samePrivilege = (a: RolePrivilege, b: RolePrivilege): boolean => privilegeKey(a) === privilegeKey(b);

/** Stands for the scope of an end that only the audit log tells of: its rows do not say. Nothing but the whole directory is sure to cover it. */
export const untoldScope = "?";

/** Whether holding `wide` means holding `narrow`: the same role, at the same scope or for the whole directory. Never the reverse. */
export const covers = (wide: RolePrivilege, narrow: RolePrivilege): boolean =>
  wide.roleDefinitionId === narrow.roleDefinitionId &&
  wide.appScopeId === narrow.appScopeId &&
  (wide.directoryScopeId === narrow.directoryScopeId || wide.directoryScopeId === "/");

export const privilegeOf = ({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): RolePrivilege => ({
  roleDefinitionId,
  directoryScopeId,
  appScopeId,
});
