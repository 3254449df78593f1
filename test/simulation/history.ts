/**
 * One generated history, as plain data: everything that will happen to the tenant and everything that will go wrong.
 * Times are milliseconds since the history's start (negative = before it), durations are milliseconds.
 */
export interface History {
  /** Draws what the data below leaves open: latencies, which call a fault hits, the order of simultaneous events. */
  readonly seed: number;
  readonly policy: PolicyScript;
  readonly resyncEvery: number;
  /** How far the wall clock of each instance of the app is wrong; their number is the number of instances. */
  readonly instanceSkews: readonly number[];
  readonly storageSkew: number;
  /** How late Graph's audit log shows what happened. */
  readonly auditLag: number;
  /** Whether the app reads on in it, every half minute; absent: it only asks it about ends that it has found. */
  readonly readsAuditLog?: true;
  /** Whether stored rows and messages are sealed, as they always are outside of the simulation: it takes time. */
  readonly sealed: boolean;
  /** Whether PIM's list has a row for each member of a group that holds a role, besides the group's own. Graph's documents do not say. */
  readonly listsMembers: boolean;
  readonly principals: readonly PrincipalScript[];
  readonly groups: readonly GroupScript[];
  readonly faults: readonly FaultWindow[];
  readonly orders: readonly OrderScript[];
}

export interface PolicyScript {
  readonly mode: "off" | "reportOnly" | "enforce";
  readonly staleAfter: number;
  readonly watchGroups: boolean;
  /** Milliseconds that a revoke may wait for another known end of the same user. */
  readonly coalesceWithin: number;
  /** The roles, by number, whose ends are enforced. */
  readonly enforcedRoles: "all" | readonly number[];
  /** How many distinct users may be cut within ten minutes; null: as many as ever end. */
  readonly thresholds: { readonly planned: number; readonly unplanned: number } | null;
}

export const orders = ["stop", "resume", "release"] as const;

/** What an operator orders, and when. In the end everything is released and resumed. */
export interface OrderScript {
  readonly at: number;
  readonly action: (typeof orders)[number];
}

export type PrincipalKind = "user" | "guest" | "servicePrincipal";

export interface PrincipalScript {
  readonly kind: PrincipalKind;
  readonly listed: "inScope" | "excluded" | "notIncluded";
  readonly holdings: readonly HoldingScript[];
  readonly deletedAt: number | null;
  /** Revokes and password resets by others. */
  readonly othersRevokeAt: readonly number[];
  /** When the user, who exists, is answered with 404: windows of less than 60 s. */
  readonly missing: readonly { readonly from: number; readonly for: number }[];
  /** The oldest view of the user that a read may get, under 15 s. */
  readonly readBackLag: number;
}

export interface HoldingScript {
  /** 0 to 2: which role. */
  readonly role: number;
  /** In one administrative unit instead of the whole directory. */
  readonly scoped: boolean;
  readonly kind: "activated" | "timeBound" | "permanent";
  /** An activation of what a group made its holder eligible for: the list may call its row a group's. */
  readonly eligibleThroughGroup: boolean;
  readonly from: number;
  /** `endDateTime` minus start; of no meaning for permanent holdings. */
  readonly plannedFor: number;
  readonly extension: { readonly after: number; readonly by: number; readonly newKey: boolean } | null;
  readonly end:
    | { readonly how: "expires" }
    | { readonly how: "deactivated" | "removed" | "outsidePim"; readonly after: number };
  /** How long after the start each view shows it, and how long after the end each forgets it. */
  readonly appears: { readonly list: number; readonly directory: number };
  readonly removal: { readonly list: number; readonly directory: number };
  readonly illusions: readonly IllusionScript[];
  /** Somebody else revokes or resets the password this long after the end is complete. */
  readonly othersRevokeAfterEnd: number | null;
}

export interface GroupScript {
  /** The assignment of a role to it; null: it holds none and is watched for its own sake. */
  readonly role: HoldingScript | null;
  readonly members: readonly MemberScript[];
  /** Its stay in another group, by number, that holds no role: to that one its members are members. */
  readonly within: { readonly group: number; readonly from: number; readonly leavesAfter: number | null } | null;
}

/** One stay of a principal in a group. */
export interface MemberScript {
  /** Index into the principals, modulo their number. */
  readonly principal: number;
  readonly access: "member" | "owner";
  /** `activated` and `assigned` end when PIM for Groups announced; `permanent` is PIM's as well; `outsidePim` is in the directory alone. */
  readonly kind: "activated" | "assigned" | "permanent" | "outsidePim";
  readonly from: number;
  readonly plannedFor: number;
  readonly end: { readonly how: "expires" } | { readonly how: "leaves"; readonly after: number };
  /** How long after the end PIM's list and the directory forget it, the list first. */
  readonly removal: { readonly list: number; readonly directory: number };
}

/** A stretch in which reads may get a wrong answer, each by itself with the given share. */
export interface IllusionScript {
  readonly what: "absent" | "present";
  readonly view: "list" | "directory" | "both";
  /** For `absent` after the start, for `present` after the removal. */
  readonly after: number;
  readonly for: number;
  readonly share: number;
}

export const faultKinds = [
  "graphThrottled",
  "graphUnavailable",
  "graphTimeout",
  "revokeAppliedThenTimeout",
  "revokeAppliedThenLost",
  "revokeHungThenApplied",
  "revokeForbidden",
  "listPagesShift",
  "storageFailsBefore",
  "storageFailsAfter",
  "storageSlow",
  "messageLost",
  "messageLate",
  "messageDoubled",
  "crashBeforeCall",
  "crashAfterCall",
  "pause",
  "downtime",
  "strayHints",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultWindow {
  readonly kind: FaultKind;
  readonly from: number;
  readonly for: number;
  /** The share of calls it hits. */
  readonly share: number;
  /** Seconds, for what needs a length: `Retry-After`, lateness, restart after a crash, pause. */
  readonly seconds: number;
}
