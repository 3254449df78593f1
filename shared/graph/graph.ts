/**
 * The ports of the core to Microsoft Graph. The gateway implements them over HTTP, and the simulation over a model tenant.
 * Their methods throw only the errors of `errors.ts`.
 */

/** An answer of Graph with its `Date` header. PIM's end times may be compared with this clock only. */
export interface Dated<T> {
  readonly value: T;
  /** The `Date` header, epoch milliseconds; whole seconds, so the true time of the answer is in `[date, date + 1000)`. */
  readonly date: number;
  /** `Clock.monotonic()` when the answer arrived. */
  readonly at: number;
}

/** The privilege that an assignment grants: one role in one scope. */
export interface RolePrivilege {
  /** Role template id for built-in roles (Graph docs: unifiedRoleAssignmentScheduleInstance), lower case. */
  readonly roleDefinitionId: string;
  /** `/` for the whole directory, else e.g. `/administrativeUnits/{id}`. Null and empty are read as `""`. */
  readonly directoryScopeId: string;
  /** App-specific scope; null and empty are read as `""`. */
  readonly appScopeId: string;
}

/** A row of `roleAssignmentScheduleInstances`: an assignment that is active now. */
export interface RoleInstance extends RolePrivilege {
  readonly principalId: string;
  /** UTC, up to seven fraction digits, no trailing zeros (see `canonicalInstant`); null on permanent rows. Part of the assignment key. */
  readonly startDateTime: string | null;
  /** As `startDateTime`; null = permanent. Moves when the assignment is extended. */
  readonly endDateTime: string | null;
  readonly assignmentType: "Assigned" | "Activated";
  /** A row that is not `Direct` only explains why a role is held: see `isOwn` of `model/holding.ts`. */
  readonly memberType: "Direct" | "Inherited" | "Group";
  readonly roleAssignmentScheduleId: string;
}

/** A row of `roleManagement/directory/roleAssignments`: an assignment that the directory itself enforces. */
export interface DirectoryAssignment extends RolePrivilege {
  readonly principalId: string;
}

export interface UserReading {
  readonly id: string;
  /**
   * Whether one of their `identities` is federated: then another tenant may own the session, and a revoke is documented to have no effect (Graph docs:
   * user: revokeSignInSessions). `userType` says nothing about how a user signs in (Entra docs: user-properties), and the user may change it.
   */
  readonly external: boolean;
  /** Member of a restricted management administrative unit, where Graph's application permissions do not count (Entra docs: admin-units-restricted-management). */
  readonly restricted: boolean;
  /** `signInSessionsValidFromDateTime`, epoch milliseconds at whole seconds; null when Graph has none. */
  readonly sessionsValidFrom: number | null;
}

/** One principal, read in one `$batch`. */
export interface PrincipalReading {
  readonly instances: readonly RoleInstance[];
  readonly directory: readonly DirectoryAssignment[];
  /** Null when `/users/{id}` answered 404: not a user, deleted, or not yet replicated. */
  readonly user: UserReading | null;
}

/** A group through which a user holds a role right now. */
export interface GroupPath extends RolePrivilege {
  readonly groupId: string;
  /** When the group's own assignment ends, canonical; null = permanent or not shown. */
  readonly endDateTime: string | null;
  /** `roleAssignmentScheduleId` of the group's assignment; empty when only the directory lists it. */
  readonly roleAssignmentScheduleId: string;
  readonly startDateTime: string | null;
}

/** `unreadable`: places of rows that differ from Graph's documentation; absent when there are none. */
export type RoleInstanceList = Dated<readonly RoleInstance[]> & { readonly unreadable?: readonly string[] };

export interface Graph {
  /** Every active role assignment of the tenant, all pages. Use it only to enqueue principals: a missing row proves nothing. Date = the first page's. */
  listRoleInstances(): Promise<RoleInstanceList>;
  /** The state of one principal now. Date = the `$batch` answer's. */
  readPrincipal(principalId: string): Promise<Dated<PrincipalReading>>;
  /**
   * The groups that this user is a member of now (transitively) and that hold one of these roles now, in any scope.
   * Empty when the user does not exist.
   */
  readGroupPaths(userId: string, roleDefinitionIds: readonly string[]): Promise<Dated<readonly GroupPath[]>>;
  /**
   * `POST /users/{id}/revokeSignInSessions`, sent once and never repeated by the gateway. Resolves on any whole 2xx: accepted, not verified.
   * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing.
   */
  revokeSignInSessions(userId: string): Promise<Dated<void>>;
}

/** Facts about groups whose membership is hidden. */
export interface HiddenGroups {
  /** Whether the app's token has `Member.Read.Hidden`. */
  mayRead(): Promise<boolean>;
  /** By group id: whether its membership is hidden. This is fixed when a group is created (Graph docs: group). */
  readonly known: Map<string, boolean>;
}

/** A group itself. */
export interface GroupReading {
  readonly id: string;
  /** Only such groups can hold directory roles; fixed when the group is created (Entra docs: groups-concept). */
  readonly assignableToRole: boolean;
}

export type AccessId = "member" | "owner";

/** The users and service principals in a group now, according to the directory. */
export interface GroupHolders {
  /** False when the group does not exist. It then has no members and no owners. */
  readonly exists: boolean;
  /** Members of the group itself, or of groups inside it. */
  readonly members: readonly string[];
  readonly owners: readonly string[];
}

/** A row of PIM for Groups' `assignmentScheduleInstances`: a membership or ownership that is active now. */
export interface GroupAccess {
  readonly groupId: string;
  readonly principalId: string;
  readonly access: AccessId;
  /** Canonical (see `canonicalInstant`); null on permanent rows. */
  readonly startDateTime: string | null;
  /** As `startDateTime`; null = permanent. Moves when the assignment is extended. */
  readonly endDateTime: string | null;
  readonly activated: boolean;
  readonly assignmentScheduleId: string;
}

/** The reads of groups that the core needs. */
export interface GroupGraph {
  /** Null when `/groups/{id}` answered 404: not a group, deleted, or not yet replicated. */
  readGroup(groupId: string): Promise<Dated<GroupReading | null>>;
  /** Date = the first answer's. */
  readHolders(groupId: string): Promise<Dated<GroupHolders>>;
  /** The rows of PIM for Groups about a group, or about one principal in all groups. */
  readAccess(
    of: { readonly groupId: string } | { readonly principalId: string },
  ): Promise<Dated<readonly GroupAccess[]>>;
  /** Whether a user is in a group now, also through a group inside it, or owns it, according to the directory. */
  readIsHolder(of: Pick<GroupAccess, "principalId" | "groupId" | "access">): Promise<Dated<boolean>>;
  /** Ids of the groups that can hold directory roles. */
  listAssignableGroups(): Promise<Dated<readonly string[]>>;
}

/** A subscription as Graph lists it (Graph docs: subscription resource). Graph does not return its client state. */
export interface GraphSubscription {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Client id of the app that created it. */
  readonly applicationId: string | null;
}

export interface NewSubscription {
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  /** A secret: never logged. At most 128 characters. */
  readonly clientState: string;
  readonly expiresAt: number;
}

/** Graph's answer to a new subscription: the subscription, or the code of the refusal. Never Graph's message, which may contain names. */
export type Created =
  | { readonly kind: "created"; readonly subscription: GraphSubscription }
  | { readonly kind: "refused"; readonly status: number; readonly code: string };

/** The gateway's part for change notifications. All methods throw GraphRetryableError and GraphPermanentError; those that write also GraphUncertainError. */
export interface SubscriptionGraph {
  /** The subscriptions of this app's identity in this tenant, also those of other deployments with the same identity. */
  listSubscriptions(): Promise<Dated<readonly GraphSubscription[]>>;
  createSubscription(wanted: NewSubscription): Promise<Created>;
  /** Renews a subscription, which also reauthorizes it. Null when the subscription no longer exists. */
  renewSubscription(id: string, expiresAt: number): Promise<GraphSubscription | null>;
  /** Succeeds also when the subscription no longer exists. */
  deleteSubscription(id: string): Promise<void>;
  /** The tenant of the app's own access token; null when the token does not name it. */
  ownTenant(): Promise<string | null>;
}
