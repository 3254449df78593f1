import type { PrincipalState } from "../assignments/principal-state.ts";
import { untoldScope } from "../assignments/privilege.ts";
import type { ToldEnd, ToldRole } from "../assignments/told-end.ts";
import type { GraphTime, StorageTime } from "../clock.ts";
import { pending, type RoleObligation, type RuleObligation } from "../revocation/obligation.ts";
import { type EndedHolding, type Holding, heldSince } from "./holding.ts";
import type { Lag } from "./lag.ts";

/** Audit times are whole seconds here. */
const wholeSecond = 1000;

/** Whether an end of this time, Graph's, may be the one that a row of the audit log reports. */
export const isNear = (time: GraphTime, { at }: Pick<ToldEnd, "at">, lag: Lag): boolean =>
  time >= at - lag.sourceMatchBefore && time <= at + lag.sourceMatchAfter;

/** What began after the end that is reported is another. When a directory row began nobody knows: it may have been stale from the first sight on. */
const hasBegun = (holding: Pick<Holding, "firstSeen" | "sources">, { at }: ToldRole, { staleRow }: Lag): boolean =>
  heldSince(holding) - (holding.sources.length === 0 ? staleRow : 0) < at + wholeSecond;

/** Whether this ended holding is the one whose end the audit log reports: then the row only says why it ended. */
const isEndOf = (told: ToldRole, ended: EndedHolding, lag: Lag): boolean =>
  ended.roleDefinitionId === told.roleDefinitionId &&
  hasBegun(ended, told, lag) &&
  told.at <= ended.cutOff + lag.auditSlack;

const isKnown = (told: ToldRole, ended: Iterable<EndedHolding>, lag: Lag): boolean =>
  [...ended].some((one) => isEndOf(told, one, lag));

/** Whether it is the end of one source of a privilege that goes on: a source of that role left PIM's list about then. */
const isSourceEnd = (told: ToldRole, holdings: readonly Holding[], lag: Lag): boolean =>
  holdings.some(
    ({ roleDefinitionId, sources }) =>
      roleDefinitionId === told.roleDefinitionId &&
      sources.some(({ leftList }) => leftList !== null && isNear(leftList, told, lag)),
  );

const isWhole = ({ directoryScopeId, appScopeId }: Holding): boolean => directoryScopeId === "/" && appScopeId === "";

/** What becomes of an end that the audit log reports: it is known, no loss, waits for what the next answers show, or is a loss of its own. */
function judgeTold(
  told: ToldRole,
  holdings: readonly Holding[],
  ended: Iterable<EndedHolding>,
  date: GraphTime,
  lag: Lag,
): "known" | "noLoss" | "waits" | "loss" {
  if (isKnown(told, ended, lag)) return "known";
  const same = holdings.filter(({ roleDefinitionId }) => roleDefinitionId === told.roleDefinitionId);
  const mayBeIts = same.filter((holding) => hasBegun(holding, told, lag));
  if (mayBeIts.some(({ absence }) => absence !== null)) return "waits";
  if (isSourceEnd(told, holdings, lag)) return "noLoss";
  // What left the list about then was deleted: a role that is still held, at whatever scope, may have been held all the time.
  if (told.again === true && same.length > 0) return "noLoss";
  // A replica that lags may still show it. Judged at once, one loss would be recorded twice.
  if (mayBeIts.length > 0 && date < told.at + lag.staleRow) return "waits";
  return same.some(isWhole) ? "noLoss" : "loss";
}

export interface AuditLosses {
  /** To be judged by a later pass. */
  readonly waiting: readonly ToldEnd[];
  readonly losses: readonly (RoleObligation | RuleObligation)[];
  /** Each leaves an ended holding of its role, at whatever scope: a replica may still show it. */
  readonly ended: readonly EndedHolding[];
}

/** Ends that the audit log reports and nobody watched. Those who left a group are the group's to find. Pure. */
export function findAuditLosses(
  told: readonly ToldEnd[],
  holdings: readonly Holding[],
  ended: readonly EndedHolding[],
  date: GraphTime,
  lag: Lag,
): AuditLosses {
  const waiting: ToldEnd[] = [];
  const losses: (RoleObligation | RuleObligation)[] = [];
  const left: EndedHolding[] = [];
  for (const end of told) {
    if (end.kind === "activity") losses.push({ ...facts(end, date), activity: end.activity });
    if (end.kind !== "role") continue;
    const verdict = judgeTold(end, holdings, [...ended, ...left], date, lag);
    if (verdict === "waits") waiting.push(end);
    if (verdict !== "loss") continue;
    const loss = {
      ...facts(end, date),
      end: end.end,
      roleDefinitionId: end.roleDefinitionId,
      directoryScopeId: untoldScope,
      appScopeId: "",
    };
    losses.push(loss);
    left.push(endedByAudit(loss, lag));
  }
  return { waiting, losses, ended: left };
}

const endedByAudit = (loss: RoleObligation, { auditSlack }: Lag): EndedHolding => ({
  roleDefinitionId: loss.roleDefinitionId,
  directoryScopeId: loss.directoryScopeId,
  appScopeId: loss.appScopeId,
  key: loss.key,
  firstSeen: loss.cutOff - auditSlack,
  sources: [],
  endedAt: loss.foundAt,
  cutOff: loss.cutOff,
  rule: "audit",
  shownAgain: null,
});

const facts = ({ key, at }: ToldEnd, date: GraphTime) => ({
  key,
  end: "unknown" as const,
  planned: false,
  startDateTime: null,
  endDateTime: null,
  cutOff: at,
  sessionsValidFromBefore: null,
  lastHeld: at,
  foundBy: "audit",
  foundAt: date,
  progress: pending,
  threshold: "corroborated" as const,
  audited: true as const,
});

/** A loss that we found ourselves, with what the audit log says of it: why it came, and that it is no mistake. Pure. */
export function explain(loss: RoleObligation, ended: EndedHolding, told: readonly ToldEnd[], lag: Lag): RoleObligation {
  const same = told.find((end) => end.kind === "role" && isEndOf(end, ended, lag));
  if (same?.kind !== "role") return loss;
  return { ...loss, end: loss.planned ? loss.end : same.end, threshold: "corroborated" };
}

/** Core Directory's row and PIM's of one end may be read minutes apart, by different processes. */
const areOfOne = (noted: ToldEnd, end: ToldEnd, lag: Lag): boolean =>
  noted.kind === "role" &&
  end.kind === "role" &&
  noted.roleDefinitionId === end.roleDefinitionId &&
  Math.abs(noted.at - end.at) <= lag.auditSlack;

/** The state with what the audit log reports of this principal, to be judged by the next pass, `storageNow`; the same state when it is known. Pure. */
export function noteTold(
  state: PrincipalState,
  told: readonly ToldEnd[],
  storageNow: StorageTime,
  lag: Lag,
): PrincipalState {
  const { head, obligations, ended } = state;
  const noted = head.told ?? [];
  const added = told.filter(
    (end) =>
      !obligations.has(end.key) &&
      !ended.has(end.key) &&
      !noted.some((other) => other.key === end.key || areOfOne(other, end, lag)) &&
      !(end.kind === "role" && isKnown(end, ended.values(), lag)),
  );
  if (added.length === 0) return state;
  const foundAt = Math.min(...added.map((end) => end.foundAt));
  return {
    ...state,
    head: {
      ...head,
      told: [...noted, ...added],
      openSince: Math.min(head.openSince ?? foundAt, foundAt),
      wakeAt: Math.min(head.wakeAt ?? storageNow, storageNow),
    },
  };
}
