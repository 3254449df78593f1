import type { StorageTime } from "../base/clock.ts";
import { failureOf, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { ListedPrincipal, RoleNames } from "../graph/people.ts";
import { editDistance } from "../settings/fields.ts";
import type { PolicyRules, PolicySettings } from "../settings/settings.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** The policy of the settings, with ids and role names resolved by Graph. Decisions accept no other. */
export interface ResolvedPolicy extends PolicyRules {
  readonly scope: Scope;
  /** Memberships that are privileges themselves are chosen by `WATCHED_GROUPS`, not by this. */
  readonly enforcedRoles: EnforcedRoles | "all";
}

/** The roles whose ends are enforced, as far as they are known: role definition ids, lower case. */
export interface EnforcedRoles {
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
export async function resolveRoles(entries: readonly string[], roleNames: RoleNames, telemetry: Telemetry) {
  const ids = new Set(entries.filter((entry) => id.test(entry)).map((entry) => entry.toLowerCase()));
  const problems: string[] = [];
  let complete = true;
  try {
    const names = await roleNames();
    for (const [index, entry] of entries.entries()) {
      const found = [...names].filter(([key, name]) => key === entry.toLowerCase() || plain(name) === plain(entry));
      for (const [key] of found) ids.add(key);
      if (found.length > 0) continue;
      complete &&= id.test(entry);
      problems.push(describe(index, entries.length, entry, names));
    }
  } catch (error) {
    if (!isGraphError(error)) throw error;
    if (error instanceof GraphRetryableError) telemetry.event("roleNamesUnread", failureOf(error));
    else telemetry.alarm("roleNamesRefused", failureOf(error));
    complete = entries.every((entry) => id.test(entry));
    if (!complete) problems.push("ENFORCED_ROLES: Graph's role names cannot be read.");
  }
  return { ids, complete, problems };
}

const plain = (name: string): string => name.trim().toLowerCase();

/** The text gives the entry's position and not the entry itself, which may be somebody's name. */
function describe(index: number, count: number, entry: string, names: ReadonlyMap<string, string>): string {
  const distance = (name: string) => editDistance(plain(entry), plain(name));
  const near = [...new Set(names.values())]
    .filter((name) => distance(name) <= Math.max(2, name.length / 3))
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, 3);
  const hint = near.length === 0 ? "Write a role's display name or template id." : `Did you mean ${near.join(" or ")}?`;
  return `ENFORCED_ROLES: entry ${index + 1} of ${count} is no role of this tenant. ${hint} Ends that it may mean are held.`;
}

/** The principals who may be cut and those who never are, by entry of the settings, as far as known. */
export interface Scope {
  readonly included: "all" | readonly Listed[];
  readonly excluded: readonly Listed[];
  readonly problems: readonly string[];
}

/** Whom an entry means. */
interface Listed {
  /** Users, and members of role-assignable groups. */
  readonly ids: ReadonlySet<string>;
  /** When a member of the group was first seen in it; none for members at the group's first reading. */
  readonly joined: ReadonlyMap<string, StorageTime>;
  /** Members of a group that is not role-assignable: its owners could exempt themselves, so its members are neither cut nor let go. */
  readonly doubtful: ReadonlySet<string>;
  /** False while the entry cannot be resolved: it may mean any principal. */
  readonly complete: boolean;
}

/**
 * Whether the policy lets this principal be cut. `unknown` holds the revocation: an unresolved list neither cuts anybody nor closes anything. Pure.
 * @param heldSince when the lost privilege was first seen: joining an excluded group later exempts nobody; null where late exemptions are honoured
 */
export function judgeScope(principalId: string, scope: Scope, heldSince: StorageTime | null = null) {
  const { included, excluded } = scope;
  const isExcluded = isLate(principalId, scope, heldSince) ? "no" : isListed(principalId, excluded);
  if (isExcluded === "yes") return "excluded";
  const isIncluded = included === "all" ? "yes" : isListed(principalId, included);
  if (isIncluded === "no") return "out";
  return isExcluded === "unknown" || isIncluded === "unknown" ? "unknown" : "in";
}

/** Whether this principal is exempt only through groups that they joined after the privilege was first seen. Pure. */
export function isLate(principalId: string, { excluded }: Scope, heldSince: StorageTime | null): boolean {
  const exempting = excluded.filter(({ ids }) => ids.has(principalId));
  if (heldSince === null || exempting.length === 0) return false;
  return exempting.every(({ joined }) => (joined.get(principalId) ?? heldSince) > heldSince);
}

function isListed(id: string, list: readonly Listed[]): "yes" | "no" | "unknown" {
  if (list.some(({ ids }) => ids.has(id))) return "yes";
  return list.every(({ complete, doubtful }) => complete && !doubtful.has(id)) ? "no" : "unknown";
}

/** An entry of the lists as Graph last answered it: `age` milliseconds ago, by storage's clock. */
export interface Remembered {
  readonly entry: Exclude<ListedPrincipal, { readonly kind: "unknown" }>;
  readonly age: number;
  /** Only for a group: storage's time when each member who joined after its first reading was first seen in it. */
  readonly joined: Readonly<Record<string, StorageTime>>;
}

/** Milliseconds for which a group's last known members count while the group cannot be read. */
const rememberedFor = 3_600_000;

export type ScopeSettings = Pick<PolicySettings, "included" | "excluded">;

/**
 * Resolves the settings to principals. `answered`: Graph's newest answer for each entry that could be read. Entries that Graph does not know or could not
 * answer are taken from `remembered`. Pure.
 */
export function resolveScope(
  { included, excluded }: ScopeSettings,
  answered: Pick<ReadonlyMap<string, ListedPrincipal>, "get">,
  remembered: ReadonlyMap<string, Remembered>,
): Scope {
  const problems: string[] = [];
  const resolve = (setting: string, entries: ReadonlySet<string>): readonly Listed[] =>
    [...entries].map((id, index) => {
      const { problem, ...listed } = resolveEntry(id, answered.get(id), remembered.get(id));
      if (problem !== null) problems.push(`${setting}: entry ${index + 1} of ${entries.size} ${problem}`);
      return listed;
    });
  return {
    included: included === "all" ? "all" : resolve("INCLUDED_PRINCIPALS", included),
    excluded: resolve("EXCLUDED_PRINCIPALS", excluded),
    problems,
  };
}

/** The scope when every id in the settings is a user's. Pure. */
export const usersOnly = (settings: ScopeSettings): Scope =>
  resolveScope(settings, { get: (id) => ({ id, kind: "user" }) }, new Map());

/** Whom an entry means, and what is wrong with it: `now` is Graph's newest answer. */
function resolveEntry(id: string, now: ListedPrincipal | undefined, before: Remembered | undefined) {
  const isRead = now !== undefined && now.kind !== "unknown";
  const entry = isRead ? now : before?.entry;
  const alone: Listed = { ids: new Set([id]), joined: new Map(), doubtful: new Set(), complete: true };
  // A user stays a user, deleted or not: the entry can mean nobody else.
  if (entry?.kind === "user") return { ...alone, problem: null };
  const why = now === undefined ? "cannot be read" : "is no user or group that Graph knows";
  const unknown = (problem: string) => ({ ...alone, complete: false, problem: `${why}${problem}` });
  if (entry === undefined) return unknown(": it may mean anybody, so nobody is cut until it is mended.");
  const isOld = !isRead && before !== undefined && before.age > rememberedFor;
  if (isOld) return unknown(", for more than an hour: nobody is cut until it is.");
  const trouble = isRead ? null : `${why}: its last known members count for an hour, then nobody is cut.`;
  if (entry.assignableToRole) {
    const joined = new Map(Object.entries(before?.joined ?? {}));
    return { ...alone, ids: new Set([id, ...entry.members]), joined, problem: trouble };
  }
  const problem =
    "is a group that is not role-assignable, whose owners could exempt themselves: its members are neither cut nor let go. Use a role-assignable group, or users.";
  return { ...alone, doubtful: new Set(entry.members), problem: trouble === null ? problem : `${trouble} ${problem}` };
}
