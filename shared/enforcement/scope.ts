import type { StorageTime } from "../base/clock.ts";
import type { ListedPrincipal } from "../graph/named-principals.ts";

/** The principals that the settings include and exclude, as far as known. */
export interface Scope {
  /** `all`, or the principals who may be cut. */
  readonly included: "all" | Listed;
  /** The principals who are never cut. */
  readonly excluded: Listed;
  /** What is wrong with the settings, as text for operators. */
  readonly problems: readonly string[];
}

interface Listed {
  /** Users, and members of role-assignable groups. */
  readonly ids: ReadonlySet<string>;
  /** Storage's time when a principal who is listed only by a group was first seen in it; none for members at the group's first reading. */
  readonly joined: ReadonlyMap<string, StorageTime>;
  /** Members of a group that is not role-assignable: its owners could exempt themselves, so its members are neither cut nor let go. */
  readonly doubtful: ReadonlySet<string>;
  /** False while an entry cannot be resolved: it may mean any principal. */
  readonly complete: boolean;
}

type Judged = "in" | "out" | "excluded" | "unknown";

/**
 * Whether the policy lets this principal be cut. `unknown` holds the revocation: an unresolved list neither cuts anybody nor closes anything. Pure.
 * @param heldSince storage's time when the lost privilege was first seen: joining an excluded group later exempts nobody; null where late exemptions are
 * honoured
 */
export function judgeScope(principalId: string, scope: Scope, heldSince: StorageTime | null = null): Judged {
  const { included, excluded } = scope;
  const isExcluded = isLate(principalId, scope, heldSince) ? "no" : isListed(principalId, excluded);
  if (isExcluded === "yes") return "excluded";
  const isIncluded = included === "all" ? "yes" : isListed(principalId, included);
  if (isIncluded === "no") return "out";
  return isExcluded === "unknown" || isIncluded === "unknown" ? "unknown" : "in";
}

/** Whether this principal is exempt only through a group that they joined after the privilege was first seen. Pure. */
export const isLate = (principalId: string, { excluded }: Scope, heldSince: StorageTime | null): boolean =>
  heldSince !== null && (excluded.joined.get(principalId) ?? heldSince) > heldSince;

function isListed(id: string, { ids, doubtful, complete }: Listed): "yes" | "no" | "unknown" {
  if (ids.has(id)) return "yes";
  return complete && !doubtful.has(id) ? "no" : "unknown";
}

/** An entry of the lists as Graph last answered it. */
export interface Remembered {
  readonly entry: Exclude<ListedPrincipal, { readonly kind: "unknown" }>;
  /** Milliseconds since Graph answered it, by storage's clock. */
  readonly age: number;
  /** Only for a group: storage's time when each member who joined after its first reading was first seen in it. */
  readonly joined: Readonly<Record<string, StorageTime>>;
}

/** Milliseconds for which a group's last known members count while the group cannot be read. */
const rememberedFor = 3_600_000;

export interface ScopeSettings {
  readonly included: "all" | ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

/**
 * Resolves the settings to principals. `answered`: Graph's newest answer for each entry that could be read. Entries that Graph does not know or could not
 * answer are taken from `remembered`. Pure.
 */
export function resolveScope(
  { included, excluded }: ScopeSettings,
  answered: ReadonlyMap<string, ListedPrincipal>,
  remembered: ReadonlyMap<string, Remembered>,
): Scope {
  const problems: string[] = [];
  const resolve = (setting: string, ids: ReadonlySet<string>): Listed => {
    const entries = [...ids].map((id) => resolveEntry(id, answered, remembered));
    for (const [index, { problem }] of entries.entries()) {
      if (problem !== null) problems.push(`${setting}: entry ${index + 1} of ${ids.size} ${problem}`);
    }
    const always = new Set([
      ...ids,
      ...entries.flatMap(({ members, joined }) => members.filter((id) => !(id in joined))),
    ]);
    const joined = entries.flatMap((entry) => Object.entries(entry.joined)).filter(([id]) => !always.has(id));
    return {
      ids: new Set([...ids, ...entries.flatMap((entry) => entry.members)]),
      joined: new Map(joined),
      doubtful: new Set(entries.flatMap((entry) => entry.doubtful)),
      complete: entries.every((entry) => entry.known),
    };
  };
  return {
    included: included === "all" ? "all" : resolve("INCLUDED_PRINCIPALS", included),
    excluded: resolve("EXCLUDED_PRINCIPALS", excluded),
    problems,
  };
}

/** The scope when every id in the settings is a user's. Pure. */
export const usersOnly = ({ included, excluded }: ScopeSettings): Scope => ({
  included: included === "all" ? "all" : listOf(included),
  excluded: listOf(excluded),
  problems: [],
});

const listOf = (ids: ReadonlySet<string>): Listed => ({ ids, joined: new Map(), doubtful: new Set(), complete: true });

interface Resolved {
  readonly members: readonly string[];
  readonly joined: Remembered["joined"];
  readonly doubtful: readonly string[];
  readonly known: boolean;
  readonly problem: string | null;
}

const isUser: Resolved = { members: [], joined: {}, doubtful: [], known: true, problem: null };

function resolveEntry(
  id: string,
  answered: ReadonlyMap<string, ListedPrincipal>,
  remembered: ReadonlyMap<string, Remembered>,
): Resolved {
  const now = answered.get(id);
  const before = remembered.get(id);
  if (now !== undefined && now.kind !== "unknown") return fromGroup(now, before?.joined ?? {}, "");
  // A user stays a user, deleted or not: the entry can mean nobody else.
  if (before?.entry.kind === "user") return isUser;
  const why = now === undefined ? "cannot be read" : "is no user or group that Graph knows";
  if (before === undefined) {
    return { ...isUser, known: false, problem: `${why}: it may mean anybody, so nobody is cut until it is mended.` };
  }
  if (before.age > rememberedFor) {
    return { ...isUser, known: false, problem: `${why}, for more than an hour: nobody is cut until it is.` };
  }
  return fromGroup(
    before.entry,
    before.joined,
    `${why}: its last known members count for an hour, then nobody is cut. `,
  );
}

function fromGroup(entry: Remembered["entry"], joined: Remembered["joined"], trouble: string): Resolved {
  if (entry.kind === "user") return isUser;
  if (entry.assignableToRole)
    return { ...isUser, members: entry.members, joined, problem: trouble === "" ? null : trouble.trim() };
  return {
    ...isUser,
    doubtful: entry.members,
    problem: `${trouble}is a group that is not role-assignable, whose owners could exempt themselves: its members are neither cut nor let go. Use a role-assignable group, or users.`,
  };
}
