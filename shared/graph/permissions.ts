/** The part of Graph that we call, each with the least privileged application permission (Graph docs: permissions-reference). */
export interface Endpoint {
  /** As it stands in the documentation, without ids: safe in messages and telemetry. */
  readonly name: string;
  /** Null when the call itself needs none. */
  readonly permission: Permission | null;
}

export interface Permission {
  readonly name: string;
  /** Id of the app role on the Microsoft Graph service principal. */
  readonly appRoleId: string;
  /** What does not work without it. */
  readonly feature: string;
  /** Another of ours that is documented to be enough for the same calls: only without both the feature fails. */
  readonly standIn?: string;
}

const scheduleRead: Permission = {
  name: "RoleAssignmentSchedule.Read.Directory",
  appRoleId: "d5fe8ce8-684c-4c83-a52c-46e882ce4be1",
  feature: "seeing which PIM role assignments are active",
  standIn: "RoleManagement.Read.Directory",
};
const roleRead: Permission = {
  name: "RoleManagement.Read.Directory",
  appRoleId: "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
  feature: "seeing which roles the directory enforces, and role names",
};
const userRead: Permission = {
  name: "User.Read.All",
  appRoleId: "df021288-bdef-4463-88db-98f22de89214",
  feature: "telling guests apart and reading back a revocation",
};
const memberRead: Permission = {
  name: "GroupMember.Read.All",
  appRoleId: "98830695-27a2-44f7-8c18-0c3ebc9698f6",
  feature: "seeing who is in a group, and whether a user still holds a role through one",
  standIn: "Group.Read.All",
};
const groupScheduleRead: Permission = {
  name: "PrivilegedAssignmentSchedule.Read.AzureADGroup",
  appRoleId: "cd4161cb-f098-48f8-a884-1eda9a42434c",
  feature: "seeing which memberships and ownerships PIM for Groups gives, and until when",
};
const groupRead: Permission = {
  name: "Group.Read.All",
  appRoleId: "5b567255-7703-4780-807c-7be8301ae99b",
  feature: "being told by Graph when the members of a group change",
};
const auditRead: Permission = {
  name: "AuditLog.Read.All",
  appRoleId: "b0afded3-3588-46d8-8b3d-9842eff778da",
  feature: "finding ends in the audit log that nobody watched",
};
const revoke: Permission = {
  name: "User.RevokeSessions.All",
  appRoleId: "77f3a031-c388-4f99-b373-dc68676a979e",
  feature: "revoking sessions",
};

/** Every application permission that the gateway needs. */
export const permissions: readonly Permission[] = [
  scheduleRead,
  roleRead,
  userRead,
  memberRead,
  groupScheduleRead,
  auditRead,
  groupRead,
  revoke,
];

export const endpoints = {
  roleInstances: { name: "GET roleManagement/directory/roleAssignmentScheduleInstances", permission: scheduleRead },
  directoryAssignments: { name: "GET roleManagement/directory/roleAssignments", permission: roleRead },
  roleDefinitions: { name: "GET roleManagement/directory/roleDefinitions", permission: roleRead },
  user: { name: "GET users/{id}", permission: userRead },
  memberGroups: { name: "POST users/{id}/getMemberGroups", permission: memberRead },
  group: { name: "GET groups/{id}", permission: memberRead },
  groups: { name: "GET groups", permission: memberRead },
  groupMembers: { name: "GET groups/{id}/transitiveMembers", permission: memberRead },
  groupOwners: { name: "GET groups/{id}/owners", permission: memberRead },
  groupAccess: {
    name: "GET identityGovernance/privilegedAccess/group/assignmentScheduleInstances",
    permission: groupScheduleRead,
  },
  directoryAudits: { name: "GET auditLogs/directoryAudits", permission: auditRead },
  subscriptions: { name: "GET subscriptions", permission: groupRead },
  createSubscription: { name: "POST subscriptions", permission: groupRead },
  renewSubscription: { name: "PATCH subscriptions/{id}", permission: groupRead },
  deleteSubscription: { name: "DELETE subscriptions/{id}", permission: groupRead },
  revoke: { name: "POST users/{id}/revokeSignInSessions", permission: revoke },
  batch: { name: "POST $batch", permission: null },
} as const satisfies Readonly<Record<string, Endpoint>>;
