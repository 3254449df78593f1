import type { StorageTime } from "../base/clock.ts";
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
  /** When those whom only a group lists were first seen in it, storage's time; absent for who was in it when it was first read. */
  readonly joined: ReadonlyMap<string, StorageTime>;
  /** Who may be meant: members of a group whose owners could exempt themselves. */
  readonly doubtful: ReadonlySet<string>;
  /** False while an entry is not known: then anybody may be meant. */
  readonly complete: boolean;
}

type Judged = "in" | "out" | "excluded" | "unknown";

/**
 * Whether the policy lets this principal be cut. `unknown` holds: nobody is cut, and nothing is closed, by a list that is not understood.
 * @param heldSince storage's time when the lost privilege was first seen: who joins an excluded group later is not exempted by that; null where late
 * exemptions are honoured
 */
export function judgeScope(principalId: string, scope: Scope, heldSince: StorageTime | null = null): Judged {
  const { included, excluded } = scope;
  const isExcluded = isLate(principalId, scope, heldSince) ? "no" : isListed(principalId, excluded);
  if (isExcluded === "yes") return "excluded";
  const isIncluded = included === "all" ? "yes" : isListed(principalId, included);
  if (isIncluded === "no") return "out";
  return isExcluded === "unknown" || isIncluded === "unknown" ? "unknown" : "in";
}

/** Whether only a group exempts this principal, and one that they joined after the privilege was first seen. */
export const isLate = (principalId: string, { excluded }: Scope, heldSince: StorageTime | null): boolean =>
  heldSince !== null && (excluded.joined.get(principalId) ?? heldSince) > heldSince;

function isListed(id: string, { ids, doubtful, complete }: Listed): "yes" | "no" | "unknown" {
  if (ids.has(id)) return "yes";
  return complete && !doubtful.has(id) ? "no" : "unknown";
}

/** What was last known of an entry. */
export interface Remembered {
  readonly entry: Exclude<ListedPrincipal, { readonly kind: "unknown" }>;
  /** Milliseconds since Graph answered it, by storage's clock. */
  readonly age: number;
  /** Of a group: when members who were not in it at first were first seen in it, storage's time. */
  readonly joined: Readonly<Record<string, StorageTime>>;
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

/** The settings when every id is a user's. */
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
