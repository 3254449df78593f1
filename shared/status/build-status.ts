import { hour } from "../base/clock.ts";
import { evidenceOf, judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { announcedEnd, type Holding, unknownScope } from "../model/holding.ts";
import {
  type AccessPrivilege,
  isRole,
  isRule,
  type PendingRevocation,
  type RuledActivity,
} from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { latencyOf } from "../notify/notice.ts";
import type { Health } from "../operators/health.ts";
import {
  type Day,
  type DayBar,
  type DayPerson,
  type Excerpt,
  type PendingEnd,
  type PrivilegeName,
  type RecentOutcome,
  type Status,
  summariseLatency,
  type UpcomingEnd,
} from "./status.ts";

/** The most entries of each list that a person would read. The totals count all. */
const mostUpcoming = 50;
const mostPending = 100;
const mostRecent = 500;

export interface StatusInput
  extends Pick<Status, "version" | "portal" | "runbook" | "operator" | "waitingPeople" | "notRead"> {
  readonly health: Health;
  readonly stopReason: string | null;
  readonly principals: readonly PrincipalState[];
  readonly unreadable: number;
  /** Display names by template id; those that Graph returned. */
  readonly roleNames: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Turns the stored state into the lists and figures of the page. Pure. */
export function buildStatus({
  health,
  stopReason,
  principals,
  unreadable,
  roleNames,
  now,
  ...about
}: StatusInput): Status {
  const revocations = principals.flatMap((state) =>
    [...state.revocations.values()].map((revocation) => ({ revocation, name: nameOf(state, revocation, roleNames) })),
  );
  const recent = revocations.flatMap(({ revocation, name }) => toRecent(revocation, name));
  return {
    at: iso(now),
    ...about,
    health,
    stopReason,
    names: {},
    upcoming: excerpt(
      principals.flatMap((state) => toUpcoming(state, roleNames)),
      ({ endDateTime }) => Date.parse(endDateTime),
      mostUpcoming,
    ),
    recent: excerpt(recent, ({ closedAt }) => -Date.parse(closedAt), mostRecent),
    day: buildDay(principals, now, (state, of) => nameOf(state, of, roleNames)),
    pending: excerpt(
      [
        ...revocations.flatMap(({ revocation, name }) => toPending(revocation, name)),
        ...principals.flatMap((state) => toDoubtful(state, roleNames)),
      ],
      ({ since }) => Date.parse(since),
      mostPending,
    ),
    latency: summariseLatency(recent.flatMap(({ underMilliseconds }) => underMilliseconds ?? [])),
    unreadable,
  };
}

function toUpcoming(state: PrincipalState, roleNames: ReadonlyMap<string, string>): UpcomingEnd[] {
  return [...state.holdings.values()].flatMap((holding) => {
    const end = announcedEnd(holding);
    return end === null ? [] : [{ ...nameOf(state, holding, roleNames), endDateTime: iso(instantMs(end)) }];
  });
}

function toRecent(revocation: PendingRevocation, name: PrivilegeName): RecentOutcome[] {
  const { end, planned: announced, foundBy, foundAt, progress } = revocation;
  if (progress.state !== "closed") return [];
  const { outcome, closedAt, detail } = progress;
  // Graph also accepts the call for a guest, but it cuts nothing.
  const underMilliseconds = outcome === "revoked" ? latencyOf(revocation).endToAccepted : null;
  const times = { closedAt: iso(closedAt), foundAt: iso(foundAt) };
  return [{ ...name, outcome, end, announced, foundBy, ...times, underMilliseconds, detail }];
}

function toPending({ foundAt, progress, threshold }: PendingRevocation, name: PrivilegeName): PendingEnd[] {
  if (progress.state === "closed") return [];
  const heldBy = progress.state === "pending" ? progress.heldBy : null;
  return [{ ...name, since: iso(foundAt), heldBy, isHeldByThreshold: threshold === "held" }];
}

/** A privilege that no view shows any more, while no rule has established its loss yet. */
function toDoubtful(state: PrincipalState, roleNames: ReadonlyMap<string, string>): PendingEnd[] {
  return [...state.holdings.values()].flatMap((holding) => {
    const verdict = judge(evidenceOf(holding, lag), lag);
    if (verdict.is !== "doubtful" || holding.absence === null) return [];
    const heldBy = `doubtful: ${verdict.rule} until ${iso(verdict.until)}`;
    const since = iso(holding.absence.since);
    return [{ ...nameOf(state, holding, roleNames), since, heldBy, isHeldByThreshold: false }];
  });
}

type Privilege = RolePrivilege | AccessPrivilege | RuledActivity;

function nameOf(
  { principalId, head }: PrincipalState,
  privilege: Privilege,
  roleNames: ReadonlyMap<string, string>,
): PrivilegeName {
  const who = { principalId, isGroup: head.kind === "group" };
  if (isRule(privilege)) return { ...who, privilege: privilege.activity, scope: null, groupId: null };
  if (!isRole(privilege)) {
    const { access, groupId } = privilege;
    return { ...who, privilege: `${access} of ${groupId}`, scope: null, groupId };
  }
  const { roleDefinitionId, directoryScopeId } = privilege;
  const scope = directoryScopeId === unknownScope ? null : directoryScopeId;
  return { ...who, privilege: roleNames.get(roleDefinitionId) ?? roleDefinitionId, scope, groupId: null };
}

function excerpt<T>(all: readonly T[], by: (item: T) => number, most: number): Excerpt<T> {
  return { total: all.length, shown: all.toSorted((a, b) => by(a) - by(b)).slice(0, most) };
}

const iso = (time: number): string => new Date(time).toISOString();

const before = 24 * hour;
const after = 8 * hour;
const mostPeople = 50;
const mostBars = 6;

export type NamePrivilege = (state: PrincipalState, of: Holding | PendingRevocation) => PrivilegeName;

/**
 * The privileges that each person holds, with their ends and outcomes, from a day ago until eight hours from now. People with a waiting end come first, then
 * those with the nearest end. `now` is epoch milliseconds. Pure.
 */
export function buildDay(principals: readonly PrincipalState[], now: number, nameOf: NamePrivilege): Day {
  const window = { from: now - before, to: now + after };
  const people = principals.flatMap((state) => {
    const bars = barsOf(state, window, nameOf).toSorted((a, b) => rank(a, window, now) - rank(b, window, now));
    const [first] = bars;
    return first === undefined ? [] : [{ person: toPerson(first, bars), rank: rank(first, window, now) }];
  });
  const shown = people.toSorted((a, b) => a.rank - b.rank).slice(0, mostPeople);
  return {
    from: iso(window.from),
    to: iso(window.to),
    people: shown.map(({ person }) => person),
    more: people.length - shown.length,
  };
}

function toPerson({ principalId, isGroup }: DayBar, bars: readonly DayBar[]): DayPerson {
  const shown = bars.slice(0, mostBars).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return { principalId, isGroup, bars: shown, more: bars.length - shown.length };
}

interface Window {
  readonly from: number;
  readonly to: number;
}

function barsOf(state: PrincipalState, { from, to }: Window, nameOf: NamePrivilege): readonly DayBar[] {
  const held = [...state.holdings.values()].map((holding): DayBar => {
    const end = announcedEnd(holding);
    const starts = holding.sources.flatMap(({ start }) => (start === null ? [] : [instantMs(start)]));
    return {
      ...nameOf(state, holding),
      from: iso(starts.length === 0 ? holding.firstSeen : Math.min(...starts)),
      until: end === null ? null : iso(instantMs(end)),
      fate: "holds",
    };
  });
  const lost = [...state.revocations.values()].map((revocation): DayBar => {
    const { key, startDateTime, lastHeld, progress } = revocation;
    const start = startDateTime === null ? state.ended.get(key)?.firstSeen : instantMs(startDateTime);
    return {
      ...nameOf(state, revocation),
      from: iso(Math.min(start ?? lastHeld, lastHeld)),
      until: iso(lastHeld),
      fate: progress.state === "closed" ? progress.outcome : "waits",
    };
  });
  return [...held, ...lost].filter(
    ({ from: begins, until, fate }) =>
      Date.parse(begins) <= to && (fate === "waits" || until === null || Date.parse(until) >= from),
  );
}

/** The order of the bars: first those that wait, then by the milliseconds between now and the end, last those without an end in the window. */
function rank({ until, fate }: DayBar, { to }: Window, now: number): number {
  if (fate === "waits") return -1;
  const end = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
  return end > to ? Number.MAX_SAFE_INTEGER : Math.abs(end - now);
}
