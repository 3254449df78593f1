import type { Initiator } from "../audit/audit-row.ts";
import { auditGroupChange } from "../audit/group-rows.ts";
import { administrator } from "../audit/parties.ts";
import { publishChange } from "../notifications/publish.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";

/**
 * What whoever lacks Member.Read.Hidden gets of the members of a group with hidden membership: no document says which (Graph docs: group-list-members).
 */
export const hiddenMemberships = ["readsEmpty", "refused"] as const;

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly securityEnabled: boolean;
  readonly isAssignableToRole: boolean;
  /** Fixed when the group is created (Graph docs: group). */
  readonly visibility: "HiddenMembership" | null;
  readonly hiddenMembership: (typeof hiddenMemberships)[number] | null;
  readonly memberIds: readonly string[];
  readonly ownerIds: readonly string[];
}

export type GroupAccess = "member" | "owner";

export interface WantedGroup {
  id?: string | undefined;
  name: string;
  isAssignableToRole: boolean;
  securityEnabled: boolean;
  hiddenMembership: Group["hiddenMembership"];
}

export function createGroup(tenant: Tenant, wanted: WantedGroup): Group {
  const { name, isAssignableToRole, securityEnabled, hiddenMembership } = wanted;
  const id = wanted.id ?? tenant.random.guid();
  if (tenant.groups.primary.has(id)) throw new Refusal(409, "ObjectExists", `there already is a group ${id}`);
  const group: Group = {
    id,
    displayName: name,
    isAssignableToRole,
    securityEnabled,
    visibility: hiddenMembership === null ? null : "HiddenMembership",
    hiddenMembership,
    memberIds: [],
    ownerIds: [],
  };
  tenant.groups.put(id, group);
  // Creating arrives as `updated` (Graph docs: change-notifications-overview).
  publishChange(tenant, { kind: "groups", id, changeType: "updated", part: null, delta: null });
  return group;
}

/** The group as the primary knows it; a {@link Refusal} 404 if there is none. */
export function groupById(tenant: Tenant, id: string): Group {
  const group = tenant.groups.primary.get(id);
  if (group === undefined) throw new Refusal(404, "NoSuchGroup", `there is no group ${id}`);
  return group;
}

/** Ids of a group's direct members or owners. */
export function holdersOf(group: Group, access: GroupAccess): readonly string[] {
  return access === "member" ? group.memberIds : group.ownerIds;
}

export function addToGroup(
  tenant: Tenant,
  groupId: string,
  memberId: string,
  access: GroupAccess,
  by: Initiator = administrator,
): void {
  const group = groupById(tenant, groupId);
  // Entra docs: groups-concept. A role-assignable group cannot have other groups as members.
  if (group.isAssignableToRole && tenant.groups.primary.has(memberId)) {
    throw new Refusal(400, "Request_BadRequest", "a role-assignable group cannot contain groups");
  }
  // Entra docs: groups-concept, of agent users since 2025-11.
  if (group.isAssignableToRole && tenant.users.primary.get(memberId)?.isAgent === true) {
    throw new Refusal(400, "Request_BadRequest", "a role-assignable group cannot contain agent users");
  }
  const holders = holdersOf(group, access);
  if (holders.includes(memberId)) throw new Refusal(400, "Request_BadRequest", `already a ${access}`);
  tenant.groups.put(groupId, withHolders(group, access, [...holders, memberId]));
  tenant.history.record({ event: "groupMemberAdded", groupId, memberId, access });
  auditGroupChange(tenant, { groupId, memberId, access, what: "Add", by });
  publishHolders(tenant, groupId, access, { id: memberId, removed: false });
}

export function removeFromGroup(
  tenant: Tenant,
  groupId: string,
  memberId: string,
  access: GroupAccess,
  by: Initiator = administrator,
): void {
  const group = groupById(tenant, groupId);
  const holders = holdersOf(group, access);
  if (!holders.includes(memberId)) throw new Refusal(404, "NoSuchMember", `${memberId} is not a ${access}`);
  const rest = holders.filter((id) => id !== memberId);
  tenant.groups.put(groupId, withHolders(group, access, rest), (shown) =>
    tenant.history.record({ event: "groupMemberRemoved", groupId, memberId, access, shown }),
  );
  auditGroupChange(tenant, { groupId, memberId, access, what: "Remove", by });
  publishHolders(tenant, groupId, access, { id: memberId, removed: true });
}

function publishHolders(
  tenant: Tenant,
  groupId: string,
  access: GroupAccess,
  delta: { id: string; removed: boolean },
): void {
  const part = access === "member" ? "members" : "owners";
  publishChange(tenant, { kind: "groups", id: groupId, changeType: "updated", part, delta });
}

function withHolders(group: Group, access: GroupAccess, ids: readonly string[]): Group {
  return access === "member" ? { ...group, memberIds: ids } : { ...group, ownerIds: ids };
}

/** Ids of the groups that hold `memberId` directly or through other groups, as one replica shows them. */
export function groupsOf(groups: ReadonlyMap<string, Group>, memberId: string): Set<string> {
  const found = new Set<string>();
  const pending = [memberId];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const group of groups.values()) {
      if (found.has(group.id) || !group.memberIds.includes(id)) continue;
      found.add(group.id);
      pending.push(group.id);
    }
  }
  return found;
}

/** Ids of everything inside a group, directly or through other groups; groups are listed too, as Graph does. */
export function transitiveMembersOf(groups: ReadonlyMap<string, Group>, groupId: string): string[] {
  const found = new Set<string>();
  const pending = [groupId];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const memberId of groups.get(id)?.memberIds ?? []) {
      if (found.has(memberId)) continue;
      found.add(memberId);
      pending.push(memberId);
    }
  }
  return [...found];
}
