import type { PolicyRules } from "../settings/settings.ts";
import type { EnforcedRoles } from "./enforced-roles.ts";
import type { Scope } from "./scope.ts";

/** The policy of the settings with what only Graph can tell. A decision takes no other. */
export interface ResolvedPolicy extends PolicyRules {
  /** Whom the ids of the settings mean. */
  readonly scope: Scope;
  /** Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles: EnforcedRoles | "all";
}
