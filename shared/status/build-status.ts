import type { PrincipalState } from "../assignments/principal-state.ts";
import { untoldScope } from "../assignments/privilege.ts";
import { announcedEnd, evidenceOf } from "../detection/holding.ts";
import { judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instant.ts";
import type { Health } from "../operations/health.ts";
import { isHeld, isInReview } from "../revocation/holds.ts";
import { latencyOf } from "../revocation/latency.ts";
import { type AccessPrivilege, isRole, isRule, type Obligation, type RuledActivity } from "../revocation/obligation.ts";
import { buildDay } from "./day.ts";
import type { Excerpt, PendingEnd, PrivilegeName, RecentOutcome, Status, UpcomingEnd } from "./status.ts";
import { summariseLatency } from "./summarise-latency.ts";

/** How much a person reads; the totals count the rest. */
const mostUpcoming = 50;
const mostPending = 100;
const mostRecent = 500;

export interface StatusInput extends Pick<Status, "version" | "portal" | "runbook" | "operator"> {
  readonly health: Health;
  readonly stopReason: string | null;
  readonly principals: readonly PrincipalState[];
  readonly unreadable: number;
  /** Display names by template id, as far as Graph told them. */
  readonly roleNames: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is stored, as a person wants to read it. Pure. */
export function buildStatus({
  health,
  stopReason,
  principals,
  unreadable,
  roleNames,
  now,
  ...about
}: StatusInput): Status {
  const obligations = principals.flatMap((state) =>
    [...state.obligations.values()].map((obligation) => ({ obligation, name: nameOf(state, obligation, roleNames) })),
  );
  const recent = obligations.flatMap(({ obligation, name }) => toRecent(obligation, name));
  return {
    at: iso(now),
    ...about,
    health,
    stopReason,
    names: {},
    waitingPeople: principals.filter(isWaiting).length,
    upcoming: excerpt(
      principals.flatMap((state) => toUpcoming(state, roleNames)),
      ({ endDateTime }) => Date.parse(endDateTime),
      mostUpcoming,
    ),
    recent: excerpt(recent, ({ closedAt }) => -Date.parse(closedAt), mostRecent),
    day: buildDay(principals, now, (state, of) => nameOf(state, of, roleNames)),
    pending: excerpt(
      [
        ...obligations.flatMap(({ obligation, name }) => toPending(obligation, name)),
        ...principals.flatMap((state) => toDoubtful(state, roleNames)),
      ],
      ({ since }) => Date.parse(since),
      mostPending,
    ),
    latency: summariseLatency(recent.flatMap(({ milliseconds }) => milliseconds ?? [])),
    unreadable,
  };
}

const isWaiting = ({ obligations }: PrincipalState): boolean =>
  [...obligations.values()].some((obligation) => isHeld(obligation) || isInReview(obligation));

function toUpcoming(state: PrincipalState, roleNames: ReadonlyMap<string, string>): UpcomingEnd[] {
  return [...state.holdings.values()].flatMap((holding) => {
    const end = announcedEnd(holding);
    return end === null ? [] : [{ ...nameOf(state, holding, roleNames), endDateTime: iso(instantMs(end)) }];
  });
}

function toRecent(obligation: Obligation, name: PrivilegeName): RecentOutcome[] {
  const { end, planned: announced, foundBy, foundAt, progress } = obligation;
  if (progress.state !== "closed") return [];
  const { outcome, closedAt, detail } = progress;
  const { endToAccepted: milliseconds } = latencyOf(obligation);
  const times = { closedAt: iso(closedAt), foundAt: iso(foundAt) };
  return [{ ...name, outcome, end, announced, foundBy, ...times, milliseconds, detail }];
}

function toPending({ foundAt, progress, threshold }: Obligation, name: PrivilegeName): PendingEnd[] {
  if (progress.state === "closed") return [];
  const heldBy = progress.state === "pending" ? progress.heldBy : null;
  return [{ ...name, since: iso(foundAt), heldBy, isHeldByThreshold: threshold === "held" }];
}

/** A privilege that no view shows any more, until a rule is satisfied that it is lost. */
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
  const scope = directoryScopeId === untoldScope ? null : directoryScopeId;
  return { ...who, privilege: roleNames.get(roleDefinitionId) ?? roleDefinitionId, scope, groupId: null };
}

function excerpt<T>(all: readonly T[], by: (item: T) => number, most: number): Excerpt<T> {
  return { total: all.length, shown: all.toSorted((a, b) => by(a) - by(b)).slice(0, most) };
}

const iso = (time: number): string => new Date(time).toISOString();
