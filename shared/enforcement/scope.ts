import type { ListedPrincipal } from "../graph/named-principals.ts";

/** Whom the lists of principals mean, as far as it is known. */
export interface Scope {
  /** `all`, or who may be cut. */
  readonly included: "all" | Listed;
  /** Who is never cut. */
  readonly excluded: Listed;
  /** What is wrong with the settings, for a person. */
  readonly problems: readonly string[];
}

interface Listed {
  /** Users, and members of role-assignable groups. */
  readonly ids: ReadonlySet<string>;
  /** Who may be meant: members of a group whose owners could exempt themselves. */
  readonly doubtful: ReadonlySet<string>;
  /** False while an entry is not known: then anybody may be meant. */
  readonly complete: boolean;
}

/** Whether the policy lets this principal be cut. `unknown` holds: nobody is cut, and nothing is closed, by a list that is not understood. */
export function judgeScope(principalId: string, { included, excluded }: Scope): "in" | "out" | "excluded" | "unknown" {
  const isExcluded = isListed(principalId, excluded);
  if (isExcluded === "yes") return "excluded";
  const isIncluded = included === "all" ? "yes" : isListed(principalId, included);
  if (isIncluded === "no") return "out";
  return isExcluded === "unknown" || isIncluded === "unknown" ? "unknown" : "in";
}

function isListed(id: string, { ids, doubtful, complete }: Listed): "yes" | "no" | "unknown" {
  if (ids.has(id)) return "yes";
  return complete && !doubtful.has(id) ? "no" : "unknown";
}

/** What was last known of an entry. */
export interface Remembered {
  readonly entry: Exclude<ListedPrincipal, { readonly kind: "unknown" }>;
  /** Milliseconds since Graph answered it, by storage's clock. */
  readonly age: number;
}

/** For so long the last known members count while a group cannot be read; milliseconds. */
const rememberedFor = 3_600_000;

export interface ScopeSettings {
  readonly included: "all" | ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

/**
 * Whom the settings mean. `answered` is what Graph has just said of each entry, without those that it could not be asked about; what it does not
 * know or could not answer is taken from `remembered`. Pure.
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
    return {
      ids: new Set([...ids, ...entries.flatMap((entry) => entry.members)]),
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

/** The settings when every id is a user's. */
export const usersOnly = ({ included, excluded }: ScopeSettings): Scope => ({
  included: included === "all" ? "all" : { ids: included, doubtful: nobody, complete: true },
  excluded: { ids: excluded, doubtful: nobody, complete: true },
  problems: [],
});

const nobody: ReadonlySet<string> = new Set();

interface Resolved {
  readonly members: readonly string[];
  readonly doubtful: readonly string[];
  readonly known: boolean;
  readonly problem: string | null;
}

const isUser: Resolved = { members: [], doubtful: [], known: true, problem: null };

function resolveEntry(
  id: string,
  answered: ReadonlyMap<string, ListedPrincipal>,
  remembered: ReadonlyMap<string, Remembered>,
): Resolved {
  const now = answered.get(id);
  if (now !== undefined && now.kind !== "unknown") return fromGroup(now, "");
  const before = remembered.get(id);
  // A user stays a user, deleted or not: the entry can mean nobody else.
  if (before?.entry.kind === "user") return isUser;
  const why = now === undefined ? "cannot be read" : "is no user or group that Graph knows";
  if (before === undefined) {
    return { ...isUser, known: false, problem: `${why}: it may mean anybody, so nobody is cut until it is mended.` };
  }
  if (before.age > rememberedFor) {
    return { ...isUser, known: false, problem: `${why}, for more than an hour: nobody is cut until it is.` };
  }
  return fromGroup(before.entry, `${why}: its last known members count for an hour, then nobody is cut. `);
}

function fromGroup(entry: Remembered["entry"], trouble: string): Resolved {
  if (entry.kind === "user") return isUser;
  if (entry.assignableToRole)
    return { ...isUser, members: entry.members, problem: trouble === "" ? null : trouble.trim() };
  return {
    ...isUser,
    doubtful: entry.members,
    problem: `${trouble}is a group that is not role-assignable, whose owners could exempt themselves: its members are neither cut nor let go. Use a role-assignable group, or users.`,
  };
}
