import type { Clock } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import type { Outcome, PendingRevocation } from "../model/pending-revocation.ts";
import type { Health } from "../operators/health.ts";
import type { AppRole } from "../operators/prove-caller.ts";

/** The app's state at one moment, as an operator sees it. Times are ISO 8601, UTC. People are object ids; `names` has display names for some. */
export interface Status {
  readonly at: string;
  readonly health: Health;
  /** The operator's reason for the stop that is in force; null without one. For operators only: it may contain names. */
  readonly stopReason: string | null;
  /** Display names of people and groups by object id; only those that were read. */
  readonly names: Names;
  readonly version: string;
  /** The address of Entra's admin center; null when the app does not use Microsoft's Graph. */
  readonly portal: string | null;
  /** The address of docs/operate.md; null when no setting has it. */
  readonly runbook: string | null;
  /** The operator who reads the page. */
  readonly operator: { readonly objectId: string; readonly roles: readonly AppRole[] };
  /** Number of people whose revocations an operator's release would carry out. */
  readonly waitingPeople: number;
  /** The assignments that end next, the nearest first; `total` counts those beyond the list too. */
  readonly upcoming: Excerpt<UpcomingEnd>;
  /** The newest outcomes first. */
  readonly recent: Excerpt<RecentOutcome>;
  /** The privileges of each person, with their ends and outcomes. */
  readonly day: Day;
  /** Pending revocations without an outcome, the oldest first. */
  readonly pending: Excerpt<PendingEnd>;
  /** From the announced end to Graph's acceptance, over the stored revokes of announced ends that were read; null when there are none. */
  readonly latency: LatencySummary | null;
  /** Principals whose rows this version cannot read: they are in no list. */
  readonly unreadable: number;
  /** Stored people who were not read: they are in no list, and in no figure but `waitingPeople`. */
  readonly notRead: NotRead;
}

export interface NotRead {
  readonly people: number;
  /** How many of them have an end without an outcome. */
  readonly waiting: number;
  /** True: there are more people than were counted, so these numbers are minimums. */
  readonly isAtLeast: boolean;
}

export interface Excerpt<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

/** A privilege, held or lost: a role with its scope, or a membership or ownership of a group. */
export interface PrivilegeName {
  /** A user, or a group that holds a role. */
  readonly principalId: string;
  readonly isGroup: boolean;
  /** A role's display name if Graph returned it, else its id; `member of` or `owner of` and the group's id; or the activity of an audit rule. */
  readonly privilege: string;
  /** `/` is the whole directory; null for a membership or ownership of a group. */
  readonly scope: string | null;
  /** The group of a membership or ownership; null for a role. */
  readonly groupId: string | null;
}

export interface UpcomingEnd extends PrivilegeName {
  readonly endDateTime: string;
}

export interface PendingEnd extends PrivilegeName {
  readonly since: string;
  /** The reason why it waits: `stopped`, a code of Graph, ...; null when it is not held. */
  readonly heldBy: string | null;
  readonly isHeldByThreshold: boolean;
}

export interface RecentOutcome extends PrivilegeName {
  readonly outcome: Outcome;
  readonly end: PendingRevocation["end"];
  readonly foundBy: string;
  readonly closedAt: string;
  /** When the end was established. For an end that was not announced, no other time is known. */
  readonly foundAt: string;
  /** Whether the privilege ended at its announced time. */
  readonly announced: boolean;
  /** Upper bound of the milliseconds from the announced end to Graph's acceptance: Graph's times are whole seconds. Null without a cut, and for an end that was not announced. */
  readonly underMilliseconds: number | null;
  readonly detail: string | null;
}

/** Nearest-rank percentiles and a histogram of upper bounds (`underMilliseconds`), in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
  /** `count`: latencies at or below `upTo`, and above the `upTo` before it. The last one has no upper bound. */
  readonly histogram: readonly { readonly upTo: number | null; readonly count: number }[];
}

/** The last 24 hours and the next eight. */
export interface Day {
  readonly from: string;
  readonly to: string;
  /** At most fifty: first people with an end that waits, then those with the nearest end. `more` counts the others. */
  readonly people: readonly DayPerson[];
  readonly more: number;
}

export interface DayPerson {
  readonly principalId: string;
  readonly isGroup: boolean;
  /** At most six; `more` counts the others. */
  readonly bars: readonly DayBar[];
  readonly more: number;
}

export interface DayBar extends PrivilegeName {
  readonly from: string;
  /** The announced or found end; null when none is known. */
  readonly until: string | null;
  readonly fate: Outcome | "holds" | "waits";
}

/** Upper bounds of the bars, milliseconds: from the latency that the app promises to one that must raise an alarm. */
const bounds = [1_000, 2_000, 5_000, 10_000, 60_000, 600_000] as const;

/** Percentiles by nearest rank: each is the bound of a revoke that really occurred. Null without revokes. */
export function summariseLatency(milliseconds: readonly number[]): LatencySummary | null {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const most = sorted.at(-1);
  if (most === undefined) return null;
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? most;
  const atMost = (bound: number) => sorted.filter((value) => value <= bound).length;
  const counts = [...bounds.map(atMost), sorted.length];
  return {
    count: sorted.length,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    most,
    histogram: counts.map((count, index) => ({ upTo: bounds[index] ?? null, count: count - (counts[index - 1] ?? 0) })),
  };
}

/** The release, as in package.json. A test compares both. */
export const version = "0.1.0";

/** The ids whose names a page needs, the most important first. */
export interface Wanted {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Display names by object id. An id that Graph does not know, or that was not read yet, is missing. */
export type Names = Readonly<Record<string, string>>;
export type ReadNames = (wanted: Wanted) => Promise<Names>;

interface NameSource {
  /** Up to sixty ids. @throws the errors of Graph */
  readonly read: (kind: "user" | "group", ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Milliseconds that a name is kept, only in memory. A user may be renamed. */
const freshFor = 5 * 60_000;
/** The most names of each kind that are read for one page, and the most that are kept. The next page reads those that are missing. */
const askedAtOnce = 60;
const keptAtMost = 2000;

export const noNames: ReadNames = async () => ({});

/** Reads names when a page is shown, remembers them for some minutes, and stores them nowhere. A page without names is better than none. */
export function createKnownNames({ read, clock }: NameSource): ReadNames {
  const known = new Map<string, { readonly name: string | null; readonly at: number }>();
  const isFresh = (id: string, now: number) => now - (known.get(id)?.at ?? Number.NEGATIVE_INFINITY) < freshFor;
  async function learn(kind: "user" | "group", ids: readonly string[], now: number): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => isGuid(id) && !isFresh(id, now)).slice(0, askedAtOnce);
    if (unknown.length === 0) return;
    try {
      const names = await read(kind, unknown);
      for (const id of unknown) known.set(id, { name: names.get(id) ?? null, at: now });
    } catch (error) {
      if (!isGraphError(error)) throw error;
    }
  }
  return async ({ users, groups }) => {
    const now = clock.monotonic();
    if (known.size > keptAtMost) known.clear();
    await Promise.all([learn("user", users, now), learn("group", groups, now)]);
    return Object.fromEntries(
      [...users, ...groups].flatMap((id) => {
        const name = known.get(id)?.name ?? null;
        return name === null || !isFresh(id, now) ? [] : [[id, name] as const];
      }),
    );
  };
}
