import { type GraphTime, type StorageTime, second } from "../base/clock.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { covers, type EndedHolding, type Holding, heldSince, unknownScope } from "../model/holding.ts";
import { endFactsOf, pending, type RoleRevocation, type RuleRevocation } from "../model/pending-revocation.ts";
import { type AuditEnd, type PrincipalState, type RoleAuditEnd, withWake } from "../model/principal.ts";
import type { Lag } from "./lag.ts";

type Revocations = PrincipalState["revocations"];

/** Whether an end at `time`, Graph's, may be the one that an audit row reports (lag table: sourceMatchBefore, sourceMatchAfter). */
export const isNear = (time: GraphTime, { at }: Pick<AuditEnd, "at">, lag: Lag): boolean =>
  time >= at - lag.sourceMatchBefore && time <= at + lag.sourceMatchAfter;

/** Whether the holding began by the second of the reported end. A row of the directory and a permanent one have no start, and may have been stale when first seen. */
const hasBegun = (holding: Pick<Holding, "firstSeen" | "sources">, { at }: RoleAuditEnd, { staleRow }: Lag): boolean =>
  heldSince(holding) - (holding.sources.every(({ start }) => start === null) ? staleRow : 0) < at + second;

/** Whether the audit log reports the end of this holding. Graph may deny a role before it ends: our call follows the denials that proved the loss, and serves both. */
function isEndOf(end: RoleAuditEnd, ended: EndedHolding, lag: Lag, revocations: Revocations = new Map()): boolean {
  const { progress } = revocations.get(ended.key) ?? { progress: pending };
  const isServed = ended.rule !== "audit" && progress.state !== "pending" && progress.acceptedAt !== null;
  const until = Math.max(ended.cutOff + lag.auditSlack, isServed ? ended.endedAt : 0);
  return ended.roleDefinitionId === end.roleDefinitionId && hasBegun(ended, end, lag) && end.at <= until;
}

/** Graph may have denied a role before it ended: the loss counts from the last end that the audit log reports within the run, which `until` ends. Pure. */
export function datedByAudit(holding: Holding, until: GraphTime, auditEnds: readonly AuditEnd[]): Holding {
  const { absence } = holding;
  if (absence === null) return holding;
  const within = auditEnds.flatMap((end) =>
    end.kind === "role" && end.roleDefinitionId === holding.roleDefinitionId && end.at <= until ? [end.at] : [],
  );
  return { ...holding, absence: { ...absence, since: Math.max(absence.since, ...within) } };
}

/** The verdict on an end that only the audit log reports: no loss; to be judged after later answers; or a loss of its own. */
function judgeAuditEnd(end: RoleAuditEnd, holdings: readonly Holding[], date: GraphTime, lag: Lag) {
  const same = holdings.filter(({ roleDefinitionId }) => roleDefinitionId === end.roleDefinitionId);
  const mayBeIts = same.filter((holding) => hasBegun(holding, end, lag));
  if (mayBeIts.some(({ absence }) => absence !== null)) return "waits";
  // The end of one source of a privilege that goes on: a source of that role left PIM's list about then.
  const left = same.flatMap(({ sources }) => sources.flatMap(({ leftList }) => leftList ?? []));
  if (left.some((time) => isNear(time, end, lag))) return "noLoss";
  // The record of sources that left the list was deleted: a role that is still held, at any scope, may have been held all the time.
  if (end.again === true && same.length > 0) return "noLoss";
  // A lagging replica may still show the ended role: judged at once, one loss could be recorded twice.
  if (mayBeIts.length > 0 && date < end.at + lag.staleRow) return "waits";
  return same.some((holding) => covers(holding, atUnknownScope(end))) ? "noLoss" : "loss";
}

/** The privilege that such an end ends: only a holding for the whole directory surely covers it. */
function atUnknownScope({ roleDefinitionId }: RoleAuditEnd): RolePrivilege {
  return { roleDefinitionId, directoryScopeId: unknownScope, appScopeId: "" };
}

/**
 * Finds the losses that only the audit log reports, each with an ended holding, since a replica may still show the role; `waiting` is judged by a later pass.
 * `date`: Graph's time of the answer. The group's own pass finds lost memberships. Pure.
 */
export function findAuditLosses(
  auditEnds: readonly AuditEnd[],
  holdings: readonly Holding[],
  known: readonly EndedHolding[],
  date: GraphTime,
  lag: Lag,
  revocations: Revocations = new Map(),
) {
  const waiting: AuditEnd[] = [];
  const losses: (RoleRevocation | RuleRevocation)[] = [];
  const ended: EndedHolding[] = [];
  for (const end of auditEnds) {
    const { key, at } = end;
    const facts = {
      ...endFactsOf({ start: null, end: null, absence: null }, at, "audit"),
      key,
      foundAt: date,
      sessionsValidFromBefore: null,
      progress: pending,
      threshold: "corroborated" as const,
    };
    if (end.kind === "activity") losses.push({ ...facts, activity: end.activity });
    if (end.kind !== "role" || [...known, ...ended].some((one) => isEndOf(end, one, lag, revocations))) continue;
    const verdict = judgeAuditEnd(end, holdings, date, lag);
    if (verdict === "waits") waiting.push(end);
    if (verdict !== "loss") continue;
    const privilege = atUnknownScope(end);
    losses.push({ ...facts, ...privilege, end: end.end });
    const held = { ...privilege, key, firstSeen: at - lag.auditSlack, sources: [] };
    ended.push({ ...held, endedAt: date, cutOff: at, rule: "audit", shownAgain: null });
  }
  return { waiting, losses, ended };
}

/** A loss found by a reading, with the reason from the audit log, which corroborates it, if the log reports it. Pure. */
export function explain(loss: RoleRevocation, ended: EndedHolding, auditEnds: readonly AuditEnd[], lag: Lag) {
  const same = auditEnds.filter((end) => end.kind === "role").find((end) => isEndOf(end, ended, lag));
  if (same === undefined) return loss;
  return { ...loss, end: loss.planned ? loss.end : same.end, threshold: "corroborated" as const };
}

/** Whether two audit rows report one end: Core Directory's and PIM's may be read minutes apart, by different processes. */
const areOfOne = (noted: AuditEnd, end: AuditEnd, lag: Lag): boolean =>
  noted.kind === "role" &&
  end.kind === "role" &&
  noted.roleDefinitionId === end.roleDefinitionId &&
  Math.abs(noted.at - end.at) <= lag.auditSlack;

/** The state with the ends that the audit log reports, for a pass due at `storageNow`, storage's time; the same object when all are known. Pure. */
export function noteAuditEnds(
  state: PrincipalState,
  auditEnds: readonly AuditEnd[],
  storageNow: StorageTime,
  lag: Lag,
) {
  const { head, revocations, ended } = state;
  const noted = head.auditEnds ?? [];
  // After rows vanished, an ended holding of a user proves nothing without its pending revocation: that may be what was deleted.
  const judged = new Map([...ended].filter(([key]) => head.kind === "group" || revocations.has(key)));
  const added = auditEnds.filter((end) => {
    const known = end.kind === "role" && end.again === true ? judged : ended;
    const isNoted = noted.some((other) => other.key === end.key || areOfOne(other, end, lag));
    const isJudged = end.kind === "role" && [...known.values()].some((one) => isEndOf(end, one, lag, revocations));
    return !isNoted && !isJudged && !revocations.has(end.key) && !known.has(end.key);
  });
  if (added.length === 0) return state;
  return {
    ...state,
    head: withWake({ ...head, auditEnds: [...noted, ...added] }, storageNow),
    ended: new Map([...ended].filter(([, one]) => !added.some((end) => end.kind === "role" && isEndOf(end, one, lag)))),
  };
}
