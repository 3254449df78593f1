import { type AuditLog, createAuditLog } from "./audit/audit-log.ts";
import { createTenantClock, type TenantClock } from "./clock.ts";
import type { Group } from "./directory/groups.ts";
import type { DirectoryAssignment } from "./directory/role-assignments.ts";
import { builtInRoleDefinitions, type RoleDefinition } from "./directory/roles.ts";
import type { SessionCut, User } from "./directory/users.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHistory, type History } from "./history.ts";
import type { Identity } from "./identity/identity.ts";
import type { RefreshToken } from "./identity/refresh-tokens.ts";
import type { Envelope } from "./insights/envelope.ts";
import { createDeliveries, type Deliveries } from "./notifications/deliveries.ts";
import { publishChange } from "./notifications/publish.ts";
import type { Subscription } from "./notifications/subscription.ts";
import type { Assignment, RoleInstance } from "./pim/assignment.ts";
import type { GroupAssignment, GroupInstance } from "./pim/group-access.ts";
import { createQuotas, type Quotas } from "./quotas.ts";
import { createRandom, type Random } from "./random.ts";
import { createReplicatedStore, type ReplicatedStore } from "./replication.ts";
import { createLookupCache, type LookupCache } from "./resources/lookup-cache.ts";
import { caeDelayMs, defaultSettings, type TenantSettings } from "./settings.ts";

/** servicePrincipal and what derives from it (Graph docs: agentIdentity, agentIdentityBlueprintPrincipal). */
export const servicePrincipalKinds = ["servicePrincipal", "agentIdentity", "agentIdentityBlueprintPrincipal"] as const;
export type ServicePrincipalKind = (typeof servicePrincipalKinds)[number];

/** One simulated tenant: everything that a reset forgets. */
export interface Tenant {
  /** Keys and ids that survive a reset. */
  readonly identity: Identity;
  readonly clock: TenantClock;
  readonly random: Random;
  readonly history: History;
  readonly settings: TenantSettings;
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly audit: AuditLog;
  /** What Application Insights has received, in the order of arrival. */
  readonly insights: Envelope[];

  /** `roleAssignmentScheduleInstances`, by schedule id. */
  readonly instances: ReplicatedStore<RoleInstance>;
  /** `roleAssignments`, by privilege. */
  readonly directory: ReplicatedStore<DirectoryAssignment>;
  /** The roles as the token service knows them when it writes `wids`. */
  readonly tokenService: ReplicatedStore<DirectoryAssignment>;
  /** PIM for Groups' `assignmentScheduleInstances`, by schedule id. */
  readonly groupInstances: ReplicatedStore<GroupInstance>;
  readonly users: ReplicatedStore<User>;
  readonly groups: ReplicatedStore<Group>;
  /** What CAE resources know of revoked and blocked users; its lag is the propagation delay of CAE. */
  readonly sessionCuts: ReplicatedStore<SessionCut>;

  readonly roles: Map<string, RoleDefinition>;
  /** Further apps, as a second deployment is one: identity header to app id. */
  readonly apps: Map<string, string>;
  readonly servicePrincipals: Map<string, ServicePrincipalKind>;
  /** Users who have elevated their access to Azure. */
  readonly elevated: Set<string>;
  /** Privilege keys. */
  readonly eligibilities: Set<string>;
  /** By schedule id, from start until gone everywhere. */
  readonly assignments: Map<string, Assignment>;
  readonly groupAssignments: Map<string, GroupAssignment>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly lookupCache: LookupCache;
  /** By id, those of every app. */
  readonly subscriptions: Map<string, Subscription>;
  readonly deliveries: Deliveries;
}

/** The stores that the control API can slow down, hold and release. */
export const storeNames = [
  "instances",
  "directory",
  "tokenService",
  "groupInstances",
  "users",
  "groups",
  "sessionCuts",
] as const;

export function createTenant(identity: Identity, options: { seed: number; scale: number; offsetMs: number }): Tenant {
  const clock = createTenantClock({ epoch: Date.now() + options.offsetMs, scale: options.scale });
  const random = createRandom(options.seed);
  const settings = defaultSettings();
  const sessionCuts = createReplicatedStore<SessionCut>(clock, random);
  sessionCuts.configure({ lagsMs: [caeDelayMs] });
  const tenant: Tenant = {
    identity,
    clock,
    random,
    settings,
    history: createHistory(clock),
    faults: createFaults(clock, random),
    quotas: createQuotas(clock, settings),
    // Randomness of its own, so that rows nobody reads do not change what else happens.
    audit: createAuditLog(clock, createRandom(options.seed + 1), identity, settings),
    insights: [],
    instances: createReplicatedStore<RoleInstance>(clock, random),
    directory: createReplicatedStore<DirectoryAssignment>(clock, random),
    tokenService: createReplicatedStore<DirectoryAssignment>(clock, random),
    groupInstances: createReplicatedStore<GroupInstance>(clock, random),
    users: createReplicatedStore<User>(clock, random),
    groups: createReplicatedStore<Group>(clock, random),
    sessionCuts,
    roles: builtInRoleDefinitions(),
    apps: new Map(),
    servicePrincipals: new Map(),
    elevated: new Set(),
    eligibilities: new Set(),
    assignments: new Map(),
    groupAssignments: new Map(),
    refreshTokens: new Map(),
    lookupCache: createLookupCache(clock),
    subscriptions: new Map(),
    deliveries: createDeliveries(),
  };
  tenant.audit.onQueryable((id) =>
    publishChange(tenant, { kind: "directoryAudits", id, changeType: "created", part: null, delta: null }),
  );
  return tenant;
}

/** Stops the clock and what is on its way, and lets everyone go who waits for the history. */
export function closeTenant(tenant: Tenant): void {
  tenant.clock.stop();
  tenant.deliveries.stop();
  tenant.history.close();
}
