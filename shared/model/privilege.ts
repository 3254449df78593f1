import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { text } from "../storage/rows.ts";

/** Identifies a privilege of one principal: role, directory scope and app scope. */
export const privilegeKey = ({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): string =>
  JSON.stringify([roleDefinitionId, directoryScopeId, appScopeId]);

export const samePrivilege = (a: RolePrivilege, b: RolePrivilege): boolean => privilegeKey(a) === privilegeKey(b);

/** The scope of an end that only the audit log reports: its rows name none. Only a holding for the whole directory surely covers it. */
export const unknownScope = "?";

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

/**
 * Built-in roles whose ends are cut first and never wait for another end, by template id, most powerful first. The order follows what a role can do to
 * others (Entra docs: built-in roles), not the label "privileged" there: Exchange, SharePoint and Directory Synchronization Accounts lack it, Application
 * Developer and Security Operator have it. All other roles, custom ones included, come after these.
 */
export const tierZero: readonly string[] = [
  "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
  "e8611ab8-c189-46e8-94e1-60213ab1f814", // Privileged Role Administrator
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
  "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", // Hybrid Identity Administrator
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
  "158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
  "db506228-d27e-4b7d-95e5-295956d6615f", // Agent ID Administrator
  "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", // Conditional Access Administrator
  "194ae4cb-b126-40b2-bd5b-6091b380977d", // Security Administrator
  "fe930be7-5e62-47db-91af-98c3a49a38b1", // User Administrator
  "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
  "29232cdf-9323-42fd-ade2-1d097af3e4de", // Exchange Administrator
  "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", // SharePoint Administrator
  "3a2c62db-5318-420d-8d74-23affee5d9d5", // Intune Administrator
  "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
  "966707d0-3269-4727-9be2-8c3a10f19b9d", // Password Administrator
  "8329153b-31d0-4727-b945-745eb3bc5f31", // Domain Name Administrator
  "be2f45a1-457d-42af-a067-6ec1fa63bc45", // External Identity Provider Administrator
  "9360feb5-f418-4baa-8175-e2a00bac4301", // Directory Writers
  "d29b2b05-8046-44ba-8758-1e26182fcf32", // Directory Synchronization Accounts
  "4ba39ca4-527c-499a-b93d-d9b492c50246", // Partner Tier1 Support
  "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", // Partner Tier2 Support
];

const rank = new Map(tierZero.map((id, index) => [id, index]));

/** A smaller number is cut earlier when not all ends can be cut at once. */
export const roleRank = (roleDefinitionId: string): number => rank.get(roleDefinitionId) ?? tierZero.length;

/** Whether the end of this role is cut at once, without waiting for another end of the same user. */
export const isTierZero = (roleDefinitionId: string): boolean => rank.has(roleDefinitionId);

/** A principal's own rows in PIM's list, stale ones included, as sorted strings by which two answers can be compared. */
export const listedRows = (instances: readonly RoleInstance[]): readonly string[] =>
  instances
    .filter(isOwn)
    .map((row) =>
      [row.roleAssignmentScheduleId, row.startDateTime ?? "", row.endDateTime ?? "", row.roleDefinitionId].join(" "),
    )
    .toSorted();

/** The end (null when permanent) and the role of a row made by `listedRows`. */
export function readListedRow(row: string): { readonly end: string | null; readonly roleDefinitionId: string } {
  const [, , end = "", roleDefinitionId = ""] = row.split(" ");
  return { end: end === "" ? null : end, roleDefinitionId };
}

/**
 * Whether the row is the principal's own and not given by a group. An activation is always its holder's own, even if a group made the holder eligible:
 * PIM's list of Azure roles was once seen to mark such a row as a group's (a public capture, Azure docs: roleAssignmentScheduleInstances); for the list
 * of directory roles nothing is documented.
 */
export const isOwn = ({ memberType, assignmentType }: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  memberType === "Direct" || assignmentType === "Activated";

/** Schema of one role at one directory scope and app scope: see `RolePrivilege`. */
export const rolePrivilege = { roleDefinitionId: text, directoryScopeId: text, appScopeId: text };
