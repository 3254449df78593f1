import type { Clock } from "../base/clock.ts";
import { evidenceOf, judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import { isGraphError } from "../graph/errors.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { RoleNames } from "../graph/named-principals.ts";
import { announcedEnd } from "../model/holding.ts";
import { scanPrincipals } from "../model/load.ts";
import {
  type AccessPrivilege,
  isRole,
  isRule,
  type Outcome,
  type PendingRevocation,
  type RuledActivity,
} from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { unknownScope } from "../model/privilege.ts";
import type { Health } from "../operators/health.ts";
import type { Table } from "../storage/table.ts";

/** How much a person reads; the totals count the rest. */
const mostUpcoming = 50;
const mostPending = 100;
const mostRecent = 500;

export interface StatusInput {
  readonly health: Health;
  readonly principals: readonly PrincipalState[];
  readonly unreadable: number;
  /** Display names by template id, as far as Graph gave them. */
  readonly roleNames: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is stored, as a person wants to read it. Pure. */
export function buildStatus({ health, principals, unreadable, roleNames, now }: StatusInput): Status {
  const revocations = principals.flatMap(({ principalId, revocations: ends }) =>
    [...ends.values()].map((revocation) => ({ revocation, name: nameOf(principalId, revocation, roleNames) })),
  );
  const recent = revocations.flatMap(({ revocation, name }) => toRecent(revocation, name));
  return {
    at: iso(now),
    health,
    upcoming: excerpt(
      principals.flatMap((state) => toUpcoming(state, roleNames)),
      ({ endDateTime }) => Date.parse(endDateTime),
      mostUpcoming,
    ),
    recent: excerpt(recent, ({ closedAt }) => -Date.parse(closedAt), mostRecent),
    pending: excerpt(
      [
        ...revocations.flatMap(({ revocation, name }) => toPending(revocation, name)),
        ...principals.flatMap((state) => toDoubtful(state, roleNames)),
      ],
      ({ since }) => Date.parse(since),
      mostPending,
    ),
    latency: summariseLatency(recent.flatMap(({ milliseconds }) => milliseconds ?? [])),
    unreadable,
  };
}

function toUpcoming({ principalId, holdings }: PrincipalState, roleNames: ReadonlyMap<string, string>): UpcomingEnd[] {
  return [...holdings.values()].flatMap((holding) => {
    const end = announcedEnd(holding);
    return end === null ? [] : [{ ...nameOf(principalId, holding, roleNames), endDateTime: iso(instantMs(end)) }];
  });
}

function toRecent({ end, foundBy, lastHeld, progress }: PendingRevocation, name: PrivilegeName): RecentOutcome[] {
  if (progress.state !== "closed") return [];
  const { outcome, closedAt, acceptedAt, detail } = progress;
  const milliseconds = acceptedAt === null ? null : Math.max(0, acceptedAt - lastHeld);
  return [{ ...name, outcome, end, foundBy, closedAt: iso(closedAt), milliseconds, detail }];
}

function toPending({ foundAt, progress, threshold }: PendingRevocation, name: PrivilegeName): PendingEnd[] {
  if (progress.state === "closed") return [];
  const heldBy = progress.state === "pending" ? progress.heldBy : null;
  return [{ ...name, since: iso(foundAt), heldBy, isHeldByThreshold: threshold === "held" }];
}

/** A privilege that no view shows any more, until a rule is satisfied that it is lost. */
function toDoubtful({ principalId, holdings }: PrincipalState, roleNames: ReadonlyMap<string, string>): PendingEnd[] {
  return [...holdings.values()].flatMap((holding) => {
    const verdict = judge(evidenceOf(holding, lag), lag);
    if (verdict.is !== "doubtful" || holding.absence === null) return [];
    const heldBy = `doubtful: ${verdict.rule} until ${iso(verdict.until)}`;
    const since = iso(holding.absence.since);
    return [{ ...nameOf(principalId, holding, roleNames), since, heldBy, isHeldByThreshold: false }];
  });
}

type Privilege = RolePrivilege | AccessPrivilege | RuledActivity;

function nameOf(principalId: string, privilege: Privilege, roleNames: ReadonlyMap<string, string>): PrivilegeName {
  if (isRule(privilege)) return { principalId, privilege: privilege.activity, scope: null };
  if (!isRole(privilege)) {
    const { access, groupId } = privilege;
    return { principalId, privilege: `${access} of ${groupId}`, scope: null };
  }
  const { roleDefinitionId, directoryScopeId } = privilege;
  const scope = directoryScopeId === unknownScope ? null : directoryScopeId;
  return { principalId, privilege: roleNames.get(roleDefinitionId) ?? roleDefinitionId, scope };
}

function excerpt<T>(all: readonly T[], by: (item: T) => number, most: number): Excerpt<T> {
  return { total: all.length, shown: all.toSorted((a, b) => by(a) - by(b)).slice(0, most) };
}

const iso = (time: number): string => new Date(time).toISOString();

/** What an operator sees of the app at one moment. Times are ISO 8601, UTC; people are object ids. */
export interface Status {
  readonly at: string;
  readonly health: Health;
  /** The assignments that end next, the nearest first; `total` counts those beyond the list too. */
  readonly upcoming: Excerpt<UpcomingEnd>;
  /** The newest outcomes first. */
  readonly recent: Excerpt<RecentOutcome>;
  /** Pending revocations without an outcome, the oldest first. */
  readonly pending: Excerpt<PendingEnd>;
  /** From the end to Graph's acceptance, over all stored revokes; null when there are none. */
  readonly latency: LatencySummary | null;
  /** Principals whose rows this version cannot read: they are in no list. */
  readonly unreadable: number;
}

export interface Excerpt<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

/** What is held or was lost: a role with its scope, or a membership or ownership of a group. */
export interface PrivilegeName {
  readonly principalId: string;
  /** Its display name where Graph gave it, else its id; `member of` or `owner of` and a group's id. */
  readonly privilege: string;
  /** `/` is the whole directory; null for a membership or ownership of a group. */
  readonly scope: string | null;
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
  /** Milliseconds from the end to Graph's acceptance; null without a call. Graph's times are whole seconds. */
  readonly milliseconds: number | null;
  readonly detail: string | null;
}

/** Nearest-rank percentiles and a histogram, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
  /** How many lie at or below `upTo` and above the one before; the last has no upper bound. */
  readonly histogram: readonly { readonly upTo: number | null; readonly count: number }[];
}

interface StatusDependencies {
  readonly principals: Table;
  readonly health: () => Promise<Health>;
  /** Cached for an hour; without them roles are shown by their ids. */
  readonly roleNames: RoleNames;
  readonly clock: Pick<Clock, "now">;
}

/** Everything that the status page shows, from stored state; only the names of roles come from Graph. @throws the errors of storage */
export async function readStatus({ principals, health, roleNames, clock }: StatusDependencies): Promise<Status> {
  const states: PrincipalState[] = [];
  let unreadable = 0;
  for await (const state of scanPrincipals(principals)) {
    if (state === null) unreadable += 1;
    else states.push(state);
  }
  return buildStatus({
    health: await health(),
    principals: states,
    unreadable,
    roleNames: await namesOrNone(roleNames),
    now: clock.now(),
  });
}

async function namesOrNone(roleNames: RoleNames): Promise<ReadonlyMap<string, string>> {
  try {
    return await roleNames();
  } catch (error) {
    // Names are for people only: a page without them is better than none.
    if (!isGraphError(error)) throw error;
    return new Map();
  }
}

/** Upper bounds of the bars, milliseconds: from what the app promises up to what an operator must hear of. */
const bounds = [1_000, 2_000, 5_000, 10_000, 60_000, 600_000] as const;

/** Percentiles by nearest rank: each is a latency that really occurred. Null for none. */
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
