import { auditLosses } from "./audit-losses.ts";
import type { AcceptedRevoke, Breach, Evidence, RecordedOutcome } from "./evidence.ts";
import { calmAfter } from "./known.ts";
import { lease, minute, readBackDelay, staleView, wholeSecond } from "./limits.ts";
import { seemingLosses } from "./seeming-losses.ts";
import { forgottenBy } from "./truth.ts";

/** No call that no pending revocation still needs. */
export function neverTwice(evidence: Evidence): Breach[] {
  return evidence.revokes.flatMap((revoke, index): Breach[] => {
    const earlier = evidence.revokes.slice(0, index).filter(({ principalId }) => principalId === revoke.principalId);
    const why = whyNeedless(evidence, revoke, earlier) ?? whyRepeated(evidence, revoke, earlier);
    return why === undefined
      ? []
      : [{ promise: "never twice", principalId: revoke.principalId, at: revoke.appliedAt, why }];
  });
}

function whyNeedless(evidence: Evidence, revoke: AcceptedRevoke, earlier: AcceptedRevoke[]): string | undefined {
  const open = evidence.outcomes.filter(
    (row) =>
      row.principalId === revoke.principalId &&
      row.openedAt <= revoke.sentAt &&
      (row.closedAt === null || row.closedAt >= revoke.sentAt || isClosedUnderLease(row, revoke)),
  );
  if (open.length === 0) return "revoked without a pending revocation on record";
  const others = evidence.principals.find(({ id }) => id === revoke.principalId)?.othersRevokedAt ?? [];
  const unmet = open.filter((row) => !isMet(row, revoke, earlier, others));
  return unmet.length > 0 ? undefined : "revoked although every pending revocation was satisfied already";
}

/** Whoever froze after its commit calls as long as its lease lasts, though others may have read meanwhile that somebody else cut. */
const isClosedUnderLease = ({ outcome, closedAt }: RecordedOutcome, { sentAt }: AcceptedRevoke): boolean =>
  (outcome === "revoked" || outcome === "alreadySatisfied") && closedAt !== null && closedAt >= sentAt - lease;

function isMet(
  row: RecordedOutcome,
  revoke: AcceptedRevoke,
  earlier: AcceptedRevoke[],
  others: readonly number[],
): boolean {
  // When somebody else cut in the same second as we, the value reads the same before and after ours: without an answer nobody knows.
  const isDistinct = ({ appliedAt }: AcceptedRevoke) =>
    !others.some((at) => wholeSecond(at) === wholeSecond(appliedAt));
  if (earlier.some((call) => call.sentAt >= row.openedAt && isDistinct(call))) return true;
  const readable = revoke.sentAt - readBackDelay;
  const cuts = [...earlier.map(({ appliedAt }) => appliedAt), ...others];
  return cuts.some((at) => at <= readable && wholeSecond(at) > row.cutOff);
}

/** The same without the app's records: nothing was lost since the last call, nor shortly before it. */
function whyRepeated(evidence: Evidence, revoke: AcceptedRevoke, earlier: AcceptedRevoke[]): string | undefined {
  const last = earlier.at(-1);
  const principal = evidence.principals.find(({ id }) => id === revoke.principalId);
  if (last === undefined || principal === undefined) return undefined;
  const blinding = {
    ...evidence,
    disturbances: evidence.disturbances.filter(({ what }) => !/^(strayHints|messageDoubled|revoke)/.test(what)),
  };
  const news = [...seemingLosses(evidence, principal), ...auditLosses(evidence, principal)].some((loss) => {
    const known = calmAfter(blinding, forgottenBy(principal, loss), minute);
    return known > last.sentAt - staleView - minute && loss.at <= revoke.appliedAt;
  });
  return news ? undefined : "revoked again although nothing was lost since the last call";
}
