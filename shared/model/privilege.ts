import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { text } from "../storage/rows.ts";

/** Identifies a privilege of one principal: role, directory scope and app scope. */
export const privilegeKey = ({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): string =>
  JSON.stringify([roleDefinitionId, directoryScopeId, appScopeId]);

export const samePrivilege = (a: RolePrivilege, b: RolePrivilege): boolean => privilegeKey(a) === privilegeKey(b);

/** Stands for the scope of an end that only the audit log reports: its rows do not say. Nothing but the whole directory is sure to cover it. */
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
 * Built-in roles whose ends are cut first and never wait for another, by template id, most powerful first: by what a role can do to others, as Entra docs:
 * built-in roles describes it. The label "privileged" there is something else: Exchange, SharePoint and Directory Synchronization Accounts do not bear
 * it, Application Developer and Security Operator do. Every other role, custom ones too, comes after these.
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

/** Smaller = to be cut earlier, when not all can be cut at once. */
export const roleRank = (roleDefinitionId: string): number => rank.get(roleDefinitionId) ?? tierZero.length;

/** Whether the end of this role is cut at once, whatever may be waited for. */
export const isTierZero = (roleDefinitionId: string): boolean => rank.has(roleDefinitionId);

/** What the list shows of a principal, in a form that two answers can be compared by. Stale rows count: they are listed, too. */
export const listedRows = (instances: readonly RoleInstance[]): readonly string[] =>
  instances
    .filter(isOwn)
    .map((row) =>
      [row.roleAssignmentScheduleId, row.startDateTime ?? "", row.endDateTime ?? "", row.roleDefinitionId].join(" "),
    )
    .toSorted();

/** The end, null when permanent, and the role of a row made by `listedRows`. */
export function readListedRow(row: string): { readonly end: string | null; readonly roleDefinitionId: string } {
  const [, , end = "", roleDefinitionId = ""] = row.split(" ");
  return { end: end === "" ? null : end, roleDefinitionId };
}

/**
 * Whether the row is the principal's own, and not one that a group gives them. An activation is its holder's, by whatever group they were eligible for
 * it: PIM's list of Azure roles has been seen to call such a user's row a group's (observed once, in a public capture of Azure docs:
 * roleAssignmentScheduleInstances); how the list of directory roles calls it is documented nowhere.
 */
export const isOwn = ({ memberType, assignmentType }: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  memberType === "Direct" || assignmentType === "Activated";

/** One role in one scope: see `RolePrivilege`. */
export const rolePrivilege = { roleDefinitionId: text, directoryScopeId: text, appScopeId: text };
