import type { EnforcedRoles } from "./enforced-roles.ts";
import type { Scope } from "./scope.ts";

/** Who may be cut, and how. From the app settings. */
export interface Policy {
  readonly mode: "off" | "reportOnly" | "enforce";
  /** The emergency stop by setting; the one by operator call is a row in storage. */
  readonly stopped: boolean;
  /** Object ids of users and groups, as in the settings. */
  readonly included: "all" | ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
  /** Whom these ids mean, as Graph told it. Absent: each of them is a user's. */
  readonly scope?: Scope;
  /** Absent: all roles. Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles?: EnforcedRoles;
  /** Milliseconds after the last possible moment of holding from which on a revoke would only hurt. */
  readonly staleAfter: number;
  /** Milliseconds after its end that the revoke for a lesser role may wait for another known end of the same user; 0 = not at all. */
  readonly coalesceWithin: number;
  readonly whenUnreadable: "hold" | "revoke";
  readonly revokeWhenReactivated: boolean;
}
