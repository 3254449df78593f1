/**
 * What the core needs from Microsoft Graph about groups, beside the port of `graph.ts`.
 * Every method may throw one of the errors of `errors.ts` and nothing else.
 */

import type { Clock } from "../base/clock.ts";

/**
 * What the core needs from Microsoft Graph: the port that the gateway implements over HTTP and the simulation over a model tenant.
 * Every method may throw one of the errors of `errors.ts` and nothing else.
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
  /** When the group's own assignment ends, canonical; null = permanent or not shown. */
  readonly endDateTime: string | null;
  /** `roleAssignmentScheduleId` of the group's assignment; empty when only the directory lists it. */
  readonly roleAssignmentScheduleId: string;
  readonly startDateTime: string | null;
}

/** `unreadable`: places of rows that are not what Graph's documentation promises; absent when there are none. */
export type RoleInstanceList = Dated<readonly RoleInstance[]> & { readonly unreadable?: readonly string[] };

export interface Graph {
  /** Every active role assignment of the tenant, all pages. It only enqueues: a missing row proves nothing. Date = the first page's. */
  listRoleInstances(): Promise<RoleInstanceList>;
  /** Live state of one principal. Date = the `$batch` answer's. */
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

/** What is known of groups whose members cannot be seen. */
export interface HiddenGroups {
  /** Whether our token has `Member.Read.Hidden`. */
  mayRead(): Promise<boolean>;
  /** Group id to whether its membership is hidden. That is fixed when a group is created (Graph docs: group). */
  readonly known: Map<string, boolean>;
}

/** A group itself. */
export interface GroupReading {
  readonly id: string;
  /** Only such groups can hold directory roles; fixed when the group is created (Entra docs: groups-concept). */
  readonly assignableToRole: boolean;
}

export type AccessId = "member" | "owner";

/** Users and service principals in a group now, as the directory has them. */
export interface GroupHolders {
  /** False when the group does not exist: then it holds nobody. */
  readonly exists: boolean;
  /** Directly or through other groups. */
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

export interface GroupGraph {
  /** Null when `/groups/{id}` answered 404: not a group, deleted, or not yet replicated. */
  readGroup(groupId: string): Promise<Dated<GroupReading | null>>;
  /** Date = the first answer's. */
  readHolders(groupId: string): Promise<Dated<GroupHolders>>;
  /** What PIM for Groups lists of a group, or of one principal in all groups. */
  readAccess(
    of: { readonly groupId: string } | { readonly principalId: string },
  ): Promise<Dated<readonly GroupAccess[]>>;
  /** Ids of the groups that can hold directory roles. */
  listAssignableGroups(): Promise<Dated<readonly string[]>>;
}

/** A subscription as Graph lists it (Graph docs: subscription resource). Its client state is not given back. */
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

/** What Graph answers to a wish: the subscription, or why not, by its stable code: its words may name people. */
export type Created =
  | { readonly kind: "created"; readonly subscription: GraphSubscription }
  | { readonly kind: "refused"; readonly status: number; readonly code: string };

/** The gateway's part for change notifications. All throw GraphRetryableError, GraphPermanentError and, writing, GraphUncertainError. */
export interface SubscriptionGraph {
  /** Those of this app in this tenant, other deployments that share its identity included. */
  listSubscriptions(): Promise<Dated<readonly GraphSubscription[]>>;
  createSubscription(wanted: NewSubscription): Promise<Created>;
  /** Renews, and reauthorizes by the way. Null when there is no such subscription any more. */
  renewSubscription(id: string, expiresAt: number): Promise<GraphSubscription | null>;
  /** Succeeds too when it is gone already. */
  deleteSubscription(id: string): Promise<void>;
  /** The tenant that our own access token is for; null when the token does not say. */
  ownTenant(): Promise<string | null>;
}

/** An estimate of Graph's time between two answers: the newest `Date` plus what has passed since, so that our own clock's error does not matter. */
export interface GraphClock {
  observe(answer: Dated<unknown>): void;
  /** Epoch milliseconds, at most a second behind Graph's true time. Before the first answer: `otherwise`, or else this machine's wall clock. */
  now(otherwise?: number): number;
}

export function createGraphClock(clock: Clock): GraphClock {
  let newest: { readonly date: number; readonly at: number } | undefined;
  return {
    observe({ date, at }) {
      if (newest === undefined || at >= newest.at) newest = { date, at };
    },
    now: (otherwise = clock.now()) => (newest === undefined ? otherwise : newest.date + clock.monotonic() - newest.at),
  };
}
