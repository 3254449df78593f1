import type { GraphTime } from "../base/clock.ts";
import type { Dated, GroupPath, PrincipalReading, RolePrivilege } from "../graph/graph.ts";
import {
  covers,
  endHolding,
  type Holding,
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
import { byKey, type Head, type PrincipalState, pendingOf } from "../model/principal.ts";
import { datedByAudit, explain, findAuditLosses } from "./audit-match.ts";
import type { Timings } from "./cadences.ts";
import { deny, evidenceOf, extend, isGivenIn, judge, updateSources, withGroups } from "./judge.ts";
import type { Lag } from "./lag.ts";
import { readViews, type Views } from "./views.ts";

export interface Reading {
  readonly principal: Dated<PrincipalReading>;
  /** The groups through which the user holds the roles that `needsPaths` named; null before they were read. */
  readonly paths: Dated<readonly GroupPath[]> | null;
}

export interface Observation {
  /** Unchanged while `needsPaths` is not empty. */
  readonly state: PrincipalState;
  /** Roles whose group paths must be read before a loss can be judged. Empty once `paths` were given. */
  readonly needsPaths: readonly string[];
}

/**
 * Has a privilege ended? Compares one live reading of a principal with its holdings. The next state has the new, changed and denied holdings, and for each
 * loss an ended holding and a pending revocation. A privilege is held while any view shows it, by any source; the user's groups are read only when the
 * principal's own views deny it. `foundBy`: the signal that started the pass. Pure.
 */
export function observe(before: PrincipalState, reading: Reading, foundBy: string, timings: Timings): Observation {
  const { lag } = timings;
  const { date, value } = reading.principal;
  const { auditEnds = [], missing: missed = null, ...head } = before.head;
  const views = readViews(value, before.holdings.values(), before.ended, date, lag);
  // The run of 404 answers for a group goes on with the next read of its members.
  const missing = head.kind === "group" ? missed : value.user === null ? missedAgain(missed, date, lag) : null;
  const readAt = head.group?.readAt ?? null;
  const seen = recordSources(before, views, date, lag).map((holding) =>
    see(holding, reading, views, { missing, readAt, by: foundBy }, lag),
  );
  const staying = seen.filter(({ verdict }) => verdict.is !== "lost").map(({ holding }) => holding);
  const lost = seen
    .filter(({ verdict }) => verdict.is === "lost")
    .map(({ holding, seenAt, verdict }) => {
      const dated = datedByAudit(holding, seenAt, auditEnds);
      const ended = endHolding(dated, seenAt, verdict.rule);
      return { ended, loss: explain(toLoss(dated, seenAt, foundBy), ended, auditEnds, lag) };
    });
  const ended = lost.map((one) => one.ended);
  const audit = findAuditLosses(auditEnds, staying, [...views.ended.values(), ...ended], date, lag, before.revocations);

  // Pending revocations are judged anew as well: a group may give the privilege by now, or may be readable only now.
  const losing = [...ended, ...audit.losses.filter(isRole), ...pendingOf(before).filter(isRole)];
  const asked = [...losing, ...seen.filter(({ asksGroups }) => asksGroups).map(({ holding }) => holding)];
  const needsPaths = value.user === null ? [] : [...new Set(asked.map(({ roleDefinitionId }) => roleDefinitionId))];
  if (reading.paths === null && needsPaths.length > 0) return { state: before, needsPaths };

  // Where a group still gives the privilege, nothing is lost: a holding of the group's privilege takes over.
  const given = holdingsThrough(reading.paths, losing, staying);
  const losses = lost
    .map(({ loss }) => loss)
    .filter((loss) => !before.revocations.has(loss.key) && !given.some((other) => covers(other, loss)));
  const remembered = [...views.ended.values()].filter(({ endedAt }) => date - endedAt < lag.forget);
  return {
    state: {
      ...before,
      head: {
        ...head,
        ...(missing === null ? {} : { missing }),
        ...(audit.waiting.length === 0 ? {} : { auditEnds: audit.waiting }),
        kind: value.user === null ? head.kind : value.user.external ? "externalUser" : "user",
        listed: listedRows(value.instances),
        unreadable: null,
      },
      holdings: byKey([...staying.map((holding) => raiseOverdue(holding, date, timings)), ...given]),
      ended: byKey([...remembered, ...ended, ...audit.ended]),
      revocations: new Map([...byKey(audit.losses), ...before.revocations, ...byKey(losses)]),
    },
    needsPaths: [],
  };
}

type Missing = NonNullable<Head["missing"]>;

/** The run of 404 answers, null while Graph finds the principal, with one more. Pure. */
export function missedAgain(missing: Missing | null, date: GraphTime, lag: Lag): Missing {
  return { ...extend(missing, date, lag), first: missing?.first ?? date };
}

/** All holdings, new ones included, with their sources updated from this answer's list. */
function recordSources({ holdings, ended, revocations }: PrincipalState, { shown }: Views, date: GraphTime, lag: Lag) {
  const known = [...holdings.values()];
  const fresh = [...shown.values()]
    .filter(({ privilege }) => !known.some((one) => samePrivilege(one, privilege)))
    .map(({ privilege }): Holding => {
      const holding = newHolding(privilege, date);
      // The key is taken when the privilege was held, lost and held again within one of Graph's whole seconds.
      const isTaken = ended.has(holding.key) || revocations.has(holding.key);
      return isTaken ? { ...holding, key: newHolding(privilege, date + 1).key } : holding;
    });
  return [...known, ...fresh].map((holding): Holding => {
    const sources = updateSources(holding.sources, shown.get(privilegeKey(holding))?.rows ?? null, date, lag);
    const next = sources === holding.sources ? holding : { ...holding, sources };
    const end = knownEnd(next);
    return next.overdueRaised && (end === null || end > date) ? { ...next, overdueRaised: false } : next;
  });
}

/**
 * One holding after the answers, and the verdict on it. `readAt`: of a group, Graph's time of the last pass that read its members, which showed its roles as
 * well. `seenAt`: Graph's time of the answer that decides. `asksGroups`: only the user's groups can show whether it is held.
 */
function see(
  holding: Holding,
  { principal: { value, date }, paths }: Reading,
  views: Views,
  { missing, readAt, by }: { readonly missing: Run | null; readonly readAt: GraphTime | null; readonly by: string },
  lag: Lag,
) {
  const { group } = holding;
  // Groups are read only for users. For a service principal, which cannot be cut, PIM's list alone shows what a group gives.
  const isInherited = value.user === null && value.instances.some((row) => !isOwn(row) && samePrivilege(row, holding));
  const isShown = views.shown.has(privilegeKey(holding)) || isInherited;
  const seenAt = !isShown && group !== null ? (paths?.date ?? date) : date;
  const shownAt = readAt === null ? null : Math.max(readAt, holding.firstSeen);
  const sessionsValidFrom = value.user?.sessionsValidFrom ?? null;
  const denial = { date: seenAt, sessionsValidFrom, shownAt, by };
  const denied = isShown ? null : deny(holding.absence, denial, knownEnd(holding), lag);
  // The groups are asked in the first answer that denies it, and again while one gives it: a loss counts from the first answer in which all views deny it.
  const asksGroups =
    denied !== null && (group !== null || (value.user !== null && (denied.since === date || isGivenIn(denied))));
  const isGone = missing !== null && missing.last - missing.since >= lag.userMissing;
  if (asksGroups && paths === null && !isGone)
    return { holding, verdict: { is: "held", rule: "shown" }, seenAt: date, asksGroups };
  const giving = paths?.value.filter((path) => covers(path, holding)) ?? [];
  const isGiven = giving.some((path) => samePrivilege(path, holding) && path.groupId === group?.groupId);
  const absence = denied === null || isGiven ? null : withGroups(denied, giving.length > 0, sessionsValidFrom);
  // Shown by the principal's own views, it is no longer held through the group alone: a later denial asks the groups anew.
  const own = isShown && group !== null ? { ...holding, group: null } : holding;
  const next = absence === holding.absence ? own : { ...own, absence };
  return { holding: next, verdict: judge(evidenceOf(next, lag), lag), seenAt, asksGroups };
}

/** New holdings for the group paths that still give a privilege being lost, at the same or a wider scope. */
function holdingsThrough(paths: Reading["paths"], losing: readonly RolePrivilege[], staying: readonly Holding[]) {
  if (paths === null) return [];
  const saving = paths.value.filter(
    (path) => losing.some((lost) => covers(path, lost)) && !staying.some((holding) => samePrivilege(holding, path)),
  );
  return [...new Map(saving.map((path) => [privilegeKey(path), newHolding(path, paths.date, path)])).values()];
}

/** The pending revocation of a loss that an answer of `date` proves. */
function toLoss(holding: Holding, date: GraphTime, foundBy: string): RoleRevocation {
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

function raiseOverdue(holding: Holding, date: GraphTime, { overdueAfter }: Timings): Holding {
  const end = knownEnd(holding);
  const isHeld = holding.absence === null && holding.group === null;
  const isOverdue = isHeld && !holding.overdueRaised && end !== null && date >= end + overdueAfter;
  return isOverdue ? { ...holding, overdueRaised: true } : holding;
}
