import type { Clock } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import { isGuid } from "../graph/instants-and-ids.ts";
import type { Outcome, PendingRevocation } from "../model/pending-revocation.ts";
import type { Health } from "../operators/health.ts";
import type { AppRole } from "../operators/prove-caller.ts";

/** What an operator sees of the app at one moment. Times are ISO 8601, UTC; people are object ids, which `names` may know. */
export interface Status {
  readonly at: string;
  readonly health: Health;
  /** The reason of the stop that is in force, as the operator gave it; null without one. For operators only: it may hold names. */
  readonly stopReason: string | null;
  /** What the directory calls people and groups, by object id, as far as it was asked and told. */
  readonly names: Names;
  readonly version: string;
  /** Entra's admin center; null where Graph itself is another than Microsoft's. */
  readonly portal: string | null;
  /** Where operators read docs/operate.md; null where no setting says so. */
  readonly runbook: string | null;
  /** Who is looking. */
  readonly operator: { readonly objectId: string; readonly roles: readonly AppRole[] };
  /** How many people an operator's release would let through. */
  readonly waitingPeople: number;
  /** The assignments that end next, the nearest first; `total` counts those beyond the list too. */
  readonly upcoming: Excerpt<UpcomingEnd>;
  /** The newest outcomes first. */
  readonly recent: Excerpt<RecentOutcome>;
  /** Who holds what until when, and what became of each end. */
  readonly day: Day;
  /** Pending revocations without an outcome, the oldest first. */
  readonly pending: Excerpt<PendingEnd>;
  /** From the announced end to Graph's acceptance, over the stored revokes of announced ends that were read; null when there are none. */
  readonly latency: LatencySummary | null;
  /** Principals whose rows this version cannot read: they are in no list. */
  readonly unreadable: number;
  /** People who are stored and were not read for this: they are in no list and no figure but `waitingPeople`. */
  readonly notRead: NotRead;
}

export interface NotRead {
  readonly people: number;
  /** How many of them have an end without an outcome. */
  readonly waiting: number;
  /** True: there are more people than were counted, and these numbers are the least. */
  readonly isAtLeast: boolean;
}

export interface Excerpt<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

/** What is held or was lost: a role with its scope, or a membership or ownership of a group. */
export interface PrivilegeName {
  /** A user, or a group that holds a role. */
  readonly principalId: string;
  readonly isGroup: boolean;
  /** Its display name where Graph gave it, else its id; `member of` or `owner of` and a group's id. */
  readonly privilege: string;
  /** `/` is the whole directory; null for a membership or ownership of a group. */
  readonly scope: string | null;
  /** The group, where the privilege is a place in it. */
  readonly groupId: string | null;
}

export interface UpcomingEnd extends PrivilegeName {
  readonly endDateTime: string;
}

export interface PendingEnd extends PrivilegeName {
  readonly since: string;
  /** Why it waits, when something holds it: `stopped`, a code of Graph, ... */
  readonly heldBy: string | null;
  readonly isHeldByThreshold: boolean;
}

export interface RecentOutcome extends PrivilegeName {
  readonly outcome: Outcome;
  readonly end: PendingRevocation["end"];
  readonly foundBy: string;
  readonly closedAt: string;
  /** When the end was established. All that is known of when one came that nobody announced. */
  readonly foundAt: string;
  /** Whether the end came when it was announced to. */
  readonly announced: boolean;
  /** Graph's acceptance came less than so many milliseconds after the announced end: Graph tells whole seconds. Null where nothing was cut, and when nobody announced the end. */
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
  /** How many lie at or below `upTo` and above the one before; the last has no upper bound. */
  readonly histogram: readonly { readonly upTo: number | null; readonly count: number }[];
}

/** The last 24 hours and the next eight. */
export interface Day {
  readonly from: string;
  readonly to: string;
  /** At most fifty, those first of whom something waits, then those whose end is nearest; `more` counts the others. */
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
  /** Its end, announced or found; null: none is known. */
  readonly until: string | null;
  readonly fate: Outcome | "holds" | "waits";
}

/** Upper bounds of the bars, milliseconds: from what the app promises up to what an operator must hear of. */
const bounds = [1_000, 2_000, 5_000, 10_000, 60_000, 600_000] as const;

/** Percentiles by nearest rank: each is the bound of a revoke that really occurred. Null for none. */
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

/** The release, as in package.json: a test holds them together. */
export const version = "0.1.0";

/** Whom and what a page names, the most important first. */
export interface Wanted {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** By object id. Whoever Graph does not know, or was not asked about yet, is missing. */
export type Names = Readonly<Record<string, string>>;
export type ReadNames = (wanted: Wanted) => Promise<Names>;

interface NameSource {
  /** Up to sixty ids. @throws the errors of Graph */
  readonly read: (kind: "user" | "group", ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Milliseconds that a name is kept, in memory alone: somebody may be renamed. */
const freshFor = 5 * 60_000;
/** How many of each kind are asked about for one page, and how many are kept: the next page asks about the rest. */
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
