import type { Evidence, PrincipalFacts, RecordedOutcome, SourceFacts } from "./evidence.ts";
import { isQuiet, mustBeSeen, surelyKnown } from "./known.ts";
import { brokenRun, minute, second, wholeSecond } from "./limits.ts";
import { seemingLosses } from "./seeming-losses.ts";
import { ended, endOf, type Loss, losses } from "./truth.ts";

/** PIM's row of the audit log comes some seconds after Core Directory's. */
const auditSlack = 7 * second;

/** Who lost what, as the tenant knows it and as the app's records show it. */
export interface RecordedLosses {
  /** Losses that had to be recorded, each with the record of it, if there is one. */
  readonly due: readonly { readonly loss: Loss; readonly row: RecordedOutcome | undefined }[];
  /** Every record of a loss, with what it may be about, and whether it has a loss of its own. */
  readonly claims: readonly { readonly row: RecordedOutcome; readonly about: readonly Loss[]; readonly own: boolean }[];
}

/** Records match losses by privilege and time, one to one. Those that say that the privilege is still held are about no loss. */
export function recordedLosses(evidence: Evidence, principal: PrincipalFacts): RecordedLosses {
  const rows = evidence.outcomes.filter((row) => row.principalId === principal.id && row.outcome !== "stillHeld");
  const certain = losses(principal).filter((loss) => mustBeSeen(evidence, principal, loss));
  // Of several at one moment the one that was really held counts, then the stay in the group that began first.
  const seeming = seemingLosses(evidence, principal).toSorted(
    (one, other) => (other.source.neverHeld?.at ?? 0) - (one.source.neverHeld?.at ?? 0),
  );
  const audited = auditLosses(evidence, principal);
  const all = new Map([...audited, ...seeming, ...certain].map((loss) => [keyOf(loss), loss]));
  const byAudit = new Set([...audited, ...seeming.filter(({ source }) => !source.throughGroup)].map(keyOf));
  const seen = new Set(seeming.map(keyOf));
  const mayBeAbout = (row: RecordedOutcome, loss: Loss) =>
    (row.audited ? byAudit : seen).has(keyOf(loss)) && matches(row, loss);
  const rowOf = new Map<Loss, RecordedOutcome>();
  const lossOf = new Map<RecordedOutcome, Loss>();
  const pair = (loss: Loss, row: RecordedOutcome): true => {
    rowOf.set(loss, row);
    lossOf.set(row, loss);
    return true;
  };
  /** Finds a partner, if need be by giving others another one (Kuhn's augmenting path): whoever has one keeps one. */
  const placeLoss = (loss: Loss, tried: Set<RecordedOutcome>): boolean =>
    rows.some((row) => {
      if (tried.has(row) || !mayBeAbout(row, loss)) return false;
      tried.add(row);
      const taken = lossOf.get(row);
      return (taken === undefined || placeLoss(taken, tried)) && pair(loss, row);
    });
  const placeRow = (row: RecordedOutcome, tried: Set<Loss>): boolean =>
    [...all.values()].some((loss) => {
      if (tried.has(loss) || !mayBeAbout(row, loss)) return false;
      tried.add(loss);
      const taken = rowOf.get(loss);
      return (taken === undefined || placeRow(taken, tried)) && pair(loss, row);
    });
  for (const loss of certain) placeLoss(loss, new Set());
  for (const row of rows) if (!lossOf.has(row)) placeRow(row, new Set());
  return {
    due: certain.map((loss) => ({ loss, row: rowOf.get(loss) })),
    claims: rows.map((row) => ({
      row,
      about: [...all.values()].filter((loss) => mayBeAbout(row, loss)),
      own: lossOf.has(row),
    })),
  };
}

const keyOf = ({ role, scope, at }: Loss): string => `${role} ${scope} ${at}`;

/**
 * What the audit log may have reported alone: the end of a source. It names no scope: to the app any of them is a loss of the role, but for those that it
 * had to see itself.
 */
export const auditLosses = (evidence: Evidence, principal: PrincipalFacts): Loss[] =>
  ended(principal)
    .filter((source) => !isSeenToEnd(evidence, source))
    .map((source) => ({
      role: source.role,
      scope: source.scope,
      at: endOf(source),
      source,
      until: Number.POSITIVE_INFINITY,
    }));

function isSeenToEnd(evidence: Evidence, source: SourceFacts): boolean {
  const at = endOf(source);
  const lead = 2 * evidence.resyncEvery + minute;
  const isOver = (source.forgottenAt ?? at) + lead;
  return surelyKnown(evidence, source, at) && isQuiet(evidence, at - lead, isOver) && isOver <= evidence.to;
}

function matches(row: RecordedOutcome, loss: Loss): boolean {
  // What a wider privilege covered may be noted at the end of its own source, and decided once that is gone as well.
  const isLater = row.openedAt >= endOf(loss.source) && (row.closedAt ?? Number.POSITIVE_INFINITY) >= loss.at;
  if (row.role !== loss.role || !isLater) return false;
  if (row.audited) return row.cutOff >= wholeSecond(loss.at) && row.cutOff <= loss.at + auditSlack;
  return (
    row.scope === loss.scope && row.cutOff >= wholeSecond(endOf(loss.source) - brokenRun) && row.cutOff <= loss.until
  );
}
