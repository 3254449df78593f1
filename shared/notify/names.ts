import type { DisplayNames } from "../graph/display-names.ts";
import type { Dated } from "../graph/graph.ts";
import { isGraphError } from "../graph/graph-errors.ts";
import type { RoleNames } from "../graph/role-definitions.ts";
import { isRole, isRule, type Obligation } from "../revocation/obligation.ts";
import { type Names, noNames } from "./news.ts";

/** What the directory calls people and groups. */
export interface Directory {
  /** Null for whoever Graph does not know. @throws GraphRetryableError, GraphPermanentError */
  readDisplayNames(ids: { readonly userId: string; readonly groupId: string | null }): Promise<Dated<DisplayNames>>;
  readonly roleNames: RoleNames;
}

/** Reads names when a message is sent. One without names is better than none: what Graph does not tell stays an id. */
export async function readNames(
  principalId: string,
  obligation: Obligation,
  directory: Directory,
  showNames: boolean,
): Promise<Names> {
  const role = isRole(obligation) ? await readRoleName(obligation.roleDefinitionId, directory) : null;
  if (!showNames) return { ...noNames, role };
  const groupId = isRole(obligation) || isRule(obligation) ? null : obligation.through.groupId;
  const names = await orNull(() => directory.readDisplayNames({ userId: principalId, groupId }));
  return { ...(names?.value ?? noNames), role };
}

/** What the directory calls a role; null where Graph does not tell. */
export const readRoleName = (roleDefinitionId: string, { roleNames }: Pick<Directory, "roleNames">) =>
  orNull(async () => (await roleNames()).get(roleDefinitionId.toLowerCase()) ?? null);

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return null;
  }
}
