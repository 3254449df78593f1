import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import type { Policy } from "./policy.ts";

/**
 * The policy with what only Graph can tell: which roles and whom the settings mean. Membership is read anew, since it decides whom the revoke
 * that may follow at once must spare.
 * @throws the errors of storage.
 */
export async function readPolicy({
  policy,
  enforcedRoles,
  scope,
}: Pick<CoreDependencies, "policy" | "enforcedRoles" | "scope">): Promise<Policy> {
  const roles = enforcedRoles === undefined ? {} : { enforcedRoles: await enforcedRoles() };
  const meant = scope === undefined ? {} : { scope: await scope() };
  return { ...policy, ...roles, ...meant };
}
