import type { GraphTime } from "../base/clock.ts";
import type { Dated, GroupPath, PrincipalReading, RolePrivilege } from "../graph/graph.ts";
import {
  covers,
  endHolding,
  type Holding,
  heldSince,
  isOwn,
  knownEnd,
  listedRows,
  newHolding,
  privilegeKey,
  privilegeOf,
  type Run,
  samePrivilege,
  termOf,
} from "../model/holding.ts";
import { endFactsOf, isRole, pending, type RoleRevocation } from "../model/pending-revocation.ts";
import { type AuditEnd, byKey, type Head, type PrincipalState } from "../model/principal.ts";
import { datedByAudit, explain, findAuditLosses } from "./audit-match.ts";
import type { Timings } from "./cadences.ts";
import { deny, evidenceOf, extend, isGivenIn, judge, updateSources, type Verdict, withGroups } from "./judge.ts";
import type { Lag } from "./lag.ts";
import { recordOnce } from "./still-held.ts";
import { readViews, type Views } from "./views.ts";

export interface Reading {
  readonly principal: Dated<PrincipalReading>;
  /** The groups through which the user holds the roles that `needsPaths` named; null before they were read. */
  readonly paths: Dated<readonly GroupPath[]> | null;
}

export interface Observation {
  /** The next state; unchanged while `needsPaths` is not empty. */
  readonly state: PrincipalState;
  /** Roles whose group paths must be read before a loss can be judged. Empty once `paths` were given. */
  readonly needsPaths: readonly string[];
  /** Holdings that Graph still shows long after their end; raised once each. */
  readonly overdue: readonly Holding[];
}

/**
 * Has a privilege ended? Compares one live reading of a principal with its holdings. The next state has the new, changed and denied holdings, and for each
 * loss an ended holding and a pending revocation. A privilege is held while any view shows it, by any source; the user's groups are read only when the
 * principal's own views deny it. `foundBy`: the signal that started the pass. Pure.
 */
export function observe(before: PrincipalState, reading: Reading, foundBy: string, timings: Timings): Observation {
  const { lag } = timings;
  const { date, value } = reading.principal;
  const views = readViews(value, before.holdings.values(), before.ended, date, lag);
  const missing = missingRun(before.head, value, date, lag);
  const readAt = before.head.group?.readAt ?? null;
  const seen = recordSources(before, views, date, lag).map((holding) =>
    see(holding, reading, views, { missing, readAt, by: foundBy }, lag),
  );
  const auditEnds = before.head.auditEnds ?? [];
  const lost = seen
    .filter(({ verdict }) => verdict.is === "lost")
    .map(({ verdict, seenAt, ...one }) => {
      const holding = datedByAudit(one.holding, seenAt, auditEnds);
      return { holding, seenAt, ended: endHolding(holding, seenAt, verdict.rule) };
    });
  const staying = seen.filter(({ verdict }) => verdict.is !== "lost").map(({ holding }) => holding);

  const audit = findAuditLosses(
    auditEnds,
    staying,
    [...views.ended.values(), ...lost.map(({ ended }) => ended)],
    date,
    lag,
  );
  // Pending revocations are judged anew as well: a group may give the privilege by now, or may be readable only now.
  const open = [...before.revocations.values()].filter(isRole).filter(({ progress }) => progress.state === "pending");
  const losing = [...lost.map(({ holding }) => holding), ...audit.losses.filter(isRole), ...open];
  const asked = [...losing, ...seen.filter(({ asksGroups }) => asksGroups).map(({ holding }) => holding)];
  const needsPaths = value.user === null ? [] : [...new Set(asked.map(({ roleDefinitionId }) => roleDefinitionId))];
  if (reading.paths === null && needsPaths.length > 0) return { state: before, needsPaths, overdue: [] };

  // Where a group still gives the privilege, nothing is lost: a holding of the group's privilege takes over.
  const given = holdingsThrough(reading.paths, losing, staying);
  const losses = lost
    .filter(({ holding }) => !given.some((other) => covers(other, holding)))
    .flatMap(({ holding, seenAt, ended }) => {
      const loss = explain(toLoss(holding, seenAt, foundBy), ended, auditEnds, lag);
      return recordOnce(loss, heldSince(ended), before.revocations, lag);
    });
  const overdue = staying.filter((holding) => isOverdue(holding, date, timings));
  const raised = staying.map((holding) => (overdue.includes(holding) ? { ...holding, overdueRaised: true } : holding));
  const remembered = [...views.ended.values()].filter(({ endedAt }) => date - endedAt < lag.forget);
  return {
    state: {
      ...before,
      head: nextHead(before.head, missing, audit.waiting, value),
      holdings: byKey([...raised, ...given]),
      ended: byKey([...remembered, ...lost.map(({ ended }) => ended), ...audit.ended]),
      revocations: new Map([...byKey(audit.losses), ...before.revocations, ...byKey(losses)]),
    },
    needsPaths: [],
    overdue,
  };
}

/** The run of 404 answers with one more. Pure. */
export const missedAgain = (missing: Missing | null, date: GraphTime, lag: Lag): Missing => ({
  ...extend(missing, date, lag),
  first: missing?.first ?? date,
});

/** The run of 404 answers; null while the user is found. That of a group goes on with the next read of its members. */
function missingRun(head: Head, { user }: PrincipalReading, date: GraphTime, lag: Lag): Missing | null {
  const { kind, missing = null } = head;
  if (kind === "group") return missing;
  return user === null ? missedAgain(missing, date, lag) : null;
}

/** All holdings, new ones included, with their sources updated from this answer's list. */
function recordSources({ holdings, ended, revocations }: PrincipalState, { shown }: Views, date: GraphTime, lag: Lag) {
  const known = [...holdings.values()];
  const isUsed = (key: string) => ended.has(key) || revocations.has(key);
  const begin = (privilege: RolePrivilege): Holding => {
    const holding = newHolding(privilege, date);
    // The key is taken when the privilege was held, lost and held again within one of Graph's whole seconds.
    return isUsed(holding.key) ? { ...holding, key: newHolding(privilege, date + 1).key } : holding;
  };
  const fresh = [...shown.values()].filter(({ privilege }) => !known.some((one) => samePrivilege(one, privilege)));
  return [...known, ...fresh.map(({ privilege }) => begin(privilege))].map((holding): Holding => {
    const seen = shown.get(privilegeKey(holding));
    const sources = updateSources(holding.sources, { rows: seen?.rows ?? [], isShown: seen !== undefined }, date, lag);
    const next = sources === holding.sources ? holding : { ...holding, sources };
    const end = knownEnd(next);
    return next.overdueRaised && (end === null || end > date) ? { ...next, overdueRaised: false } : next;
  });
}

type Missing = NonNullable<Head["missing"]>;

interface Seen {
  readonly holding: Holding;
  readonly verdict: Verdict;
  /** Graph's time of the answer that decides about it. */
  readonly seenAt: GraphTime;
  /** Only the user's groups can show whether it is held. */
  readonly asksGroups: boolean;
}

interface Known {
  readonly missing: Run | null;
  /** For a group: Graph's time of the last pass that read its members, which showed its roles as well; null before the first. */
  readonly readAt: GraphTime | null;
  /** The signal that started the pass. */
  readonly by: string;
}

/** One holding after the answers, and the verdict on it. */
function see(
  holding: Holding,
  { principal, paths }: Reading,
  views: Views,
  { missing, readAt, by }: Known,
  lag: Lag,
): Seen {
  const { value, date } = principal;
  const { group } = holding;
  const isShown = views.shown.has(privilegeKey(holding)) || isInherited(holding, value);
  const seenAt = !isShown && group !== null ? (paths?.date ?? date) : date;
  const shownAt = readAt === null ? null : Math.max(readAt, holding.firstSeen);
  const sessionsValidFrom = value.user?.sessionsValidFrom ?? null;
  const denial = { date: seenAt, sessionsValidFrom, shownAt, by };
  const denied = isShown ? null : deny(holding.absence, denial, knownEnd(holding), lag);
  // The groups are asked in the first answer that denies it, and again while one gives it: a loss counts from the first answer in which all views deny it.
  const asksGroups =
    denied !== null && (group !== null || (value.user !== null && (denied.since === date || isGivenIn(denied))));
  const isUnread = asksGroups && paths === null && !isGone(missing, lag);
  if (isUnread) return { holding, verdict: { is: "held", rule: "shown" }, seenAt: date, asksGroups };
  const giving = paths?.value.filter((path) => covers(path, holding)) ?? [];
  const isGiven = giving.some((path) => samePrivilege(path, holding) && path.groupId === group?.groupId);
  const absence = denied === null || isGiven ? null : withGroups(denied, giving.length > 0, sessionsValidFrom);
  // Shown by the principal's own views, it is no longer held through the group alone: a later denial asks the groups anew.
  const own = isShown && group !== null ? { ...holding, group: null } : holding;
  const next = absence === holding.absence ? own : { ...own, absence };
  return { holding: next, verdict: judge(evidenceOf(next, lag), lag), seenAt, asksGroups };
}

/** Groups are read only for users. For a service principal, which cannot be cut, PIM's list alone shows what a group gives. */
const isInherited = (holding: Holding, { instances, user }: PrincipalReading): boolean =>
  user === null && instances.some((row) => !isOwn(row) && samePrivilege(row, holding));

const isGone = (missing: Run | null, { userMissing }: Lag): boolean =>
  missing !== null && missing.last - missing.since >= userMissing;

/** New holdings for the group paths that still give a privilege being lost, at the same or a wider scope. */
function holdingsThrough(
  paths: Reading["paths"],
  losing: readonly RolePrivilege[],
  staying: readonly Holding[],
): readonly Holding[] {
  if (paths === null) return [];
  const saving = paths.value.filter(
    (path) => losing.some((lost) => covers(path, lost)) && !staying.some((holding) => samePrivilege(holding, path)),
  );
  return [...new Map(saving.map((path) => [privilegeKey(path), newHolding(path, paths.date, path)])).values()];
}

/** The pending revocation of a loss that an answer of `date` proves. */
export function toLoss(
  holding: Pick<Holding, keyof RolePrivilege | "key" | "sources" | "group" | "absence">,
  date: GraphTime,
  foundBy: string,
): RoleRevocation {
  const { key, absence, group } = holding;
  return {
    ...privilegeOf(holding),
    key,
    ...endFactsOf({ ...termOf(holding), absence }, date, foundBy),
    sessionsValidFromBefore: absence?.sessionsValidFrom ?? null,
    progress: pending,
    ...(group === null ? {} : { through: { groupId: group.groupId, ended: "either" } }),
  };
}

function isOverdue(holding: Holding, date: GraphTime, { overdueAfter }: Timings): boolean {
  if (holding.overdueRaised || holding.absence !== null || holding.group !== null) return false;
  const end = knownEnd(holding);
  return end !== null && date >= end + overdueAfter;
}

function nextHead(
  { auditEnds: _, missing: __, ...head }: Head,
  missing: Missing | null,
  auditEnds: readonly AuditEnd[],
  { user, instances }: PrincipalReading,
): Head {
  return {
    ...head,
    ...(missing === null ? {} : { missing }),
    ...(auditEnds.length === 0 ? {} : { auditEnds }),
    kind: user === null ? head.kind : user.external ? "externalUser" : "user",
    listed: listedRows(instances),
    unreadable: null,
  };
}
