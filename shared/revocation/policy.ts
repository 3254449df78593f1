import type { EnforcedRoles } from "../enforcement/policy.ts";
import type { Scope } from "../enforcement/scope.ts";
import type { PolicyRules } from "../settings/settings.ts";

/** The policy of the settings with what only Graph can tell. A decision takes no other. */
export interface ResolvedPolicy extends PolicyRules {
  /** Whom the ids of the settings mean. */
  readonly scope: Scope;
  /** Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles: EnforcedRoles | "all";
}
