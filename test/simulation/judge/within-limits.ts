import type { AcceptedRevoke, Breach, Evidence } from "./evidence.ts";
import { minute, second } from "./limits.ts";
import { ended, endOf } from "./truth.ts";

/** A call may still follow a commit that was made just before a stop: a lease of 45 s, a call of 10 s that hangs for as long again. */
const underWay = 70 * second;
/** Users are counted over ten minutes, from when they are admitted; the call may follow up to a minute later. */
const countedOver = 8 * minute;

/** An operator's stop stops, and no more users are cut at once than the thresholds allow, unless somebody vouches for them. */
export function withinLimits(evidence: Evidence): Breach[] {
  return evidence.revokes.flatMap((revoke, index): Breach[] => {
    const why = whyStopped(evidence, revoke) ?? whyTooMany(evidence, evidence.revokes.slice(0, index + 1), revoke);
    return why === undefined
      ? []
      : [{ promise: "never wrong", principalId: revoke.principalId, at: revoke.appliedAt, why }];
  });
}

const whyStopped = ({ stops }: Evidence, { sentAt }: AcceptedRevoke): string | undefined =>
  stops.some(({ from, to }) => sentAt > from + underWay && sentAt < to) ? "revoked although stopped" : undefined;

function whyTooMany(evidence: Evidence, revokes: AcceptedRevoke[], revoke: AcceptedRevoke): string | undefined {
  const { thresholds } = evidence.policy;
  if (thresholds === null || isVouchedFor(evidence, revoke)) return undefined;
  const unvouched = revokes.filter(
    (other) => other.appliedAt > revoke.appliedAt - countedOver && !isVouchedFor(evidence, other),
  );
  const users = new Set(unvouched.map(({ principalId }) => principalId)).size;
  return users > thresholds.planned + thresholds.unplanned
    ? `the ${users}th user within minutes for whom neither the audit log nor an operator had vouched`
    : undefined;
}

/** By the audit log, which shows an end of theirs by then, or by an operator who released what was held after it. */
function isVouchedFor(evidence: Evidence, { principalId, sentAt }: AcceptedRevoke): boolean {
  const principal = evidence.principals.find(({ id }) => id === principalId);
  if (principal === undefined) return false;
  return ended(principal)
    .map(endOf)
    .some(
      (at) =>
        at + evidence.auditLag <= sentAt ||
        evidence.releasedAt.some((released) => released >= at && released <= sentAt),
    );
}
