import type { Settings } from "../settings/settings.ts";

/** A part of Graph that the app calls, with the application permissions that Graph's documentation names for it. */
export interface Endpoint {
  /** The path as documented, without ids: safe in messages and telemetry. */
  readonly name: string;
  /** The permissions of the app that are each enough for the call; none when the call needs none. */
  readonly permissions: readonly Permission[];
}

export interface Permission {
  readonly name: string;
  /** Id of the app role on the Microsoft Graph service principal (Graph docs: permissions-reference). */
  readonly appRoleId: string;
  /** What the app cannot do without it. */
  readonly feature: string;
  readonly when: Condition;
}

/** The features in the settings that need a permission of their own. */
export interface Features {
  /** `CUTOFF_MODE=enforce`. */
  readonly revoking: boolean;
  /** Not `WATCHED_GROUPS=none`. */
  readonly groups: boolean;
  /** Not `GRAPH_SUBSCRIPTIONS=off`, and the settings have an address for Graph's notifications. Counts only together with `groups`. */
  readonly subscriptions: boolean;
}

/** When a permission is needed. `infra/graph-permissions` uses the same names. */
export type Condition = "always" | "revoking" | "groups" | "subscriptions" | "noSubscriptions";

// It also allows schedule instances. RoleAssignmentSchedule.Read.Directory would be enough for those, but this permission is needed anyway.
const roleRead: Permission = {
  name: "RoleManagement.Read.Directory",
  appRoleId: "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
  feature: "seeing which roles are active in PIM and which the directory enforces, and their names",
  when: "always",
};
const userRead: Permission = {
  name: "User.Read.All",
  appRoleId: "df021288-bdef-4463-88db-98f22de89214",
  feature: "recognising guests and reading back a revocation",
  when: "always",
};
const memberRead: Permission = {
  name: "GroupMember.Read.All",
  appRoleId: "98830695-27a2-44f7-8c18-0c3ebc9698f6",
  feature: "seeing who is in a group, and whether a user still holds a role through one",
  when: "noSubscriptions",
};
// By the documentation it reads members as GroupMember.Read.All does. GroupMember.Read.All does not allow subscriptions.
const groupRead: Permission = {
  name: "Group.Read.All",
  appRoleId: "5b567255-7703-4780-807c-7be8301ae99b",
  feature:
    "being notified by Graph when the members of a group change, seeing who is in one, and whether a user still holds a role through one",
  when: "subscriptions",
};
const groupScheduleRead: Permission = {
  name: "PrivilegedAssignmentSchedule.Read.AzureADGroup",
  appRoleId: "cd4161cb-f098-48f8-a884-1eda9a42434c",
  feature: "seeing which memberships and ownerships PIM for Groups gives, and until when",
  when: "groups",
};
const auditRead: Permission = {
  name: "AuditLog.Read.All",
  appRoleId: "b0afded3-3588-46d8-8b3d-9842eff778da",
  feature: "finding ends in the audit log that nobody watched",
  when: "always",
};
const revoke: Permission = {
  name: "User.RevokeSessions.All",
  appRoleId: "77f3a031-c388-4f99-b373-dc68676a979e",
  feature: "revoking sessions",
  when: "revoking",
};

/** No setting needs it. Grant it if a watched group, or a group in a setting, has hidden membership. */
export const memberReadHidden: Omit<Permission, "when"> = {
  name: "Member.Read.Hidden",
  appRoleId: "658aa5d8-239f-45c4-aa12-864f4fc7e490",
  feature: "seeing who is in a group whose membership is hidden",
};

/** Every application permission that some settings need. */
export const permissions: readonly Permission[] = [
  roleRead,
  userRead,
  groupRead,
  memberRead,
  groupScheduleRead,
  auditRead,
  revoke,
];

/** The features in these settings that need a permission of their own. */
export const featuresOf = ({
  policy,
  watchedGroups,
  subscriptions,
}: Pick<Settings, "policy" | "watchedGroups" | "subscriptions">): Features => ({
  revoking: policy.mode === "enforce",
  groups: watchedGroups !== "none",
  subscriptions: subscriptions !== null,
});

/** Exactly the application permissions that an app with these features needs. */
export function neededPermissions({ revoking, groups, subscriptions }: Features): readonly Permission[] {
  const holds: Readonly<Record<Condition, boolean>> = {
    always: true,
    revoking,
    groups,
    subscriptions: groups && subscriptions,
    noSubscriptions: !(groups && subscriptions),
  };
  return permissions.filter(({ when }) => holds[when]);
}

export const endpoints = {
  roleInstances: { name: "GET roleManagement/directory/roleAssignmentScheduleInstances", permissions: [roleRead] },
  directoryAssignments: { name: "GET roleManagement/directory/roleAssignments", permissions: [roleRead] },
  roleDefinitions: { name: "GET roleManagement/directory/roleDefinitions", permissions: [roleRead] },
  user: { name: "GET users/{id}", permissions: [userRead] },
  manager: { name: "GET users/{id}/manager", permissions: [userRead] },
  memberGroups: { name: "POST users/{id}/getMemberGroups", permissions: [memberRead, groupRead] },
  group: { name: "GET groups/{id}", permissions: [memberRead, groupRead] },
  groups: { name: "GET groups", permissions: [memberRead, groupRead] },
  groupMembers: { name: "GET groups/{id}/transitiveMembers", permissions: [memberRead, groupRead] },
  groupOwners: { name: "GET groups/{id}/owners", permissions: [memberRead, groupRead] },
  groupAccess: {
    name: "GET identityGovernance/privilegedAccess/group/assignmentScheduleInstances",
    permissions: [groupScheduleRead],
  },
  directoryAudits: { name: "GET auditLogs/directoryAudits", permissions: [auditRead] },
  subscriptions: { name: "GET subscriptions", permissions: [groupRead] },
  createSubscription: { name: "POST subscriptions", permissions: [groupRead] },
  renewSubscription: { name: "PATCH subscriptions/{id}", permissions: [groupRead] },
  deleteSubscription: { name: "DELETE subscriptions/{id}", permissions: [groupRead] },
  revoke: { name: "POST users/{id}/revokeSignInSessions", permissions: [revoke] },
  batch: { name: "POST $batch", permissions: [] },
} as const satisfies Readonly<Record<string, Endpoint>>;
