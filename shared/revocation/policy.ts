import type { EnforcedRoles } from "./enforced-roles.ts";
import type { Scope } from "./scope.ts";

interface Rules {
  readonly mode: "off" | "reportOnly" | "enforce";
  /** The emergency stop by setting; the one by operator call is a row in storage. */
  readonly stopped: boolean;
  /** Milliseconds after the last possible moment of holding from which on a revoke would only hurt. */
  readonly staleAfter: number;
  /** Milliseconds after its end that the revoke for a lesser role may wait for another known end of the same user; 0 = not at all. */
  readonly coalesceWithin: number;
}

/** Who may be cut, and how: as the app settings say. */
export interface PolicySettings extends Rules {
  /** Object ids of users and groups. */
  readonly included: "all" | ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

/** The same with what only Graph can tell. A decision takes no other. */
export interface ResolvedPolicy extends Rules {
  /** Whom the ids of the settings mean. */
  readonly scope: Scope;
  /** Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles: EnforcedRoles | "all";
}
