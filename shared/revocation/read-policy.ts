import { usersOnly } from "../enforcement/scope.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import type { ResolvedPolicy } from "./policy.ts";

/**
 * The policy with what only Graph can tell: which roles and whom the settings mean. Membership is read anew, since it decides whom the revoke
 * that may follow at once must spare.
 * @throws the errors of storage.
 */
export async function readPolicy({
  policy: { included, excluded, ...rules },
  enforcedRoles,
  scope,
}: Pick<CoreDependencies, "policy" | "enforcedRoles" | "scope">): Promise<ResolvedPolicy> {
  return {
    ...rules,
    enforcedRoles: enforcedRoles === undefined ? "all" : await enforcedRoles(),
    scope: scope === undefined ? usersOnly({ included, excluded }) : await scope(),
  };
}
