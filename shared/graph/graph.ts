/**
 * What the core needs from Microsoft Graph: the port that the gateway implements over HTTP and the simulation over a model tenant.
 * Every method may throw one of the errors of `graph-errors.ts` and nothing else.
 */

/** An answer of Graph with its `Date` header: the only clock that PIM's end times may be compared with. */
export interface Dated<T> {
  readonly value: T;
  /** The `Date` header, epoch milliseconds; whole seconds, so the true time of the answer is in `[date, date + 1000)`. */
  readonly date: number;
  /** `Clock.monotonic()` when the answer arrived. */
  readonly at: number;
}

/** What an assignment grants: one role in one scope. */
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
  /** What is not `Direct` may only explain why a role is held: see `isOwn` of `own-rows.ts`. */
  readonly memberType: "Direct" | "Inherited" | "Group";
  readonly roleAssignmentScheduleId: string;
}

/** A row of `roleManagement/directory/roleAssignments`: what the directory itself enforces. */
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
  /** When the group's own assignment ends, canonical; null = permanent or not told. */
  readonly endDateTime: string | null;
  /** `roleAssignmentScheduleId` of the group's assignment; empty when only the directory lists it. */
  readonly roleAssignmentScheduleId: string;
  readonly startDateTime: string | null;
}

/** `unreadable`: places of rows that are not what Graph's documentation promises; absent when there are none. */
export type RoleInstanceList = Dated<readonly RoleInstance[]> & { readonly unreadable?: readonly string[] };

export interface Graph {
  /** Every active role assignment of the tenant, all pages. It only nominates: a missing row proves nothing. Date = the first page's. */
  listRoleInstances(): Promise<RoleInstanceList>;
  /** Live state of one principal. Date = the `$batch` answer's. */
  readPrincipal(principalId: string): Promise<Dated<PrincipalReading>>;
  /**
   * The groups that this user is a member of now (transitively) and that hold one of these roles now, in any scope.
   * Empty when the user does not exist.
   */
  readGroupPaths(userId: string, roleDefinitionIds: readonly string[]): Promise<Dated<readonly GroupPath[]>>;
  /**
   * `POST /users/{id}/revokeSignInSessions`, sent once and never repeated by the gateway. Resolves on any 2xx: accepted, not verified.
   * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing.
   */
  revokeSignInSessions(userId: string): Promise<Dated<void>>;
}

/** What is known of groups whose members cannot be seen. */
export interface HiddenGroups {
  /** Whether our token has `Member.Read.Hidden`. */
  mayRead(): Promise<boolean>;
  /** Group id to whether its membership is hidden. That is fixed when a group is created (Graph docs: group). */
  readonly known: Map<string, boolean>;
}
