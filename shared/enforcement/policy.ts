import { GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { RoleNames } from "../graph/named-principals.ts";
import { editDistance } from "../settings/misspelt.ts";
import type { PolicyRules } from "../settings/settings.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Scope } from "./scope.ts";

/** The policy of the settings, with ids and role names resolved by Graph. Decisions accept no other. */
export interface ResolvedPolicy extends PolicyRules {
  /** The principals that the ids in the settings stand for. */
  readonly scope: Scope;
  /** Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles: EnforcedRoles | "all";
}

/** The roles whose ends are enforced, as far as they are known. */
export interface EnforcedRoles {
  /** Role definition ids, lower case. */
  readonly ids: ReadonlySet<string>;
  /** False while an entry cannot be resolved: then a role that is not among the ids may still be meant. */
  readonly complete: boolean;
  /** What is wrong with the setting, as text for operators. */
  readonly problems: readonly string[];
}

/** Whether the end of this role is enforced; `unknown` while an unresolved entry may mean it. */
export function isEnforced(roleDefinitionId: string, roles: EnforcedRoles | "all"): "yes" | "no" | "unknown" {
  if (roles === "all" || roles.ids.has(roleDefinitionId)) return "yes";
  return roles.complete ? "no" : "unknown";
}

const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Resolves the entries of ENFORCED_ROLES (ids, or names in any letter case) by Graph's role definitions. An entry that Graph does not know is a problem,
 * with near matches; while a name is unresolved, the ends of all other roles are held.
 */
export async function resolveRoles(
  entries: readonly string[],
  roleNames: RoleNames,
  telemetry: Telemetry,
): Promise<EnforcedRoles> {
  const given = entries.filter((entry) => id.test(entry)).map((entry) => entry.toLowerCase());
  const names = await read(roleNames, telemetry);
  if (names === null) {
    const complete = given.length === entries.length;
    return {
      ids: new Set(given),
      complete,
      problems: complete ? [] : ["ENFORCED_ROLES: Graph's role names cannot be read."],
    };
  }
  const ids = new Set(given);
  const problems: string[] = [];
  let complete = true;
  for (const [index, entry] of entries.entries()) {
    const found = [...names].filter(([key, name]) => key === entry.toLowerCase() || plain(name) === plain(entry));
    for (const [key] of found) ids.add(key);
    if (found.length > 0) continue;
    if (!id.test(entry)) complete = false;
    problems.push(describe(index, entries.length, entry, names));
  }
  return { ids, complete, problems };
}

async function read(roleNames: RoleNames, telemetry: Telemetry): Promise<ReadonlyMap<string, string> | null> {
  try {
    return await roleNames();
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { code, status = null, message } = error;
    const properties = { code, status, message };
    if (error instanceof GraphRetryableError) telemetry.event("roleNamesUnread", properties);
    else telemetry.alarm("roleNamesRefused", properties);
    return null;
  }
}

const plain = (name: string): string => name.trim().toLowerCase();

/** The text gives the entry's position and not the entry itself, which may be somebody's name. */
function describe(index: number, count: number, entry: string, names: ReadonlyMap<string, string>): string {
  const near = [...new Set(names.values())]
    .map((name) => ({ name, distance: editDistance(plain(entry), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
  const hint = near.length === 0 ? "Write a role's display name or template id." : `Did you mean ${near.join(" or ")}?`;
  return `ENFORCED_ROLES: entry ${index + 1} of ${count} is no role of this tenant. ${hint} Ends that it may mean are held.`;
}
