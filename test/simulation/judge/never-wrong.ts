import { auditLosses } from "./audit-losses.ts";
import type { AcceptedRevoke, Breach, Evidence, PrincipalFacts, PromiseName, SourceFacts } from "./evidence.ts";
import { surelyKnown } from "./known.ts";
import { minute } from "./limits.ts";
import { isKnownHeld, seemingLosses } from "./seeming-losses.ts";
import { ended, endOf, isEnforced, type Loss, stretchBefore } from "./truth.ts";

/** No call for somebody who lost nothing, or whom the policy spares; and none before the privilege was really gone. */
export function neverWrongNorEarly(evidence: Evidence): Breach[] {
  return evidence.revokes.flatMap((revoke): Breach[] => {
    const principal = evidence.principals.find(({ id }) => id === revoke.principalId);
    const found =
      principal === undefined ? breach("never wrong", "nobody by that id") : whyWrong(evidence, principal, revoke);
    return found === undefined ? [] : [{ ...found, principalId: revoke.principalId, at: revoke.appliedAt }];
  });
}

type Finding = Pick<Breach, "promise" | "why">;
const breach = (promise: PromiseName, why: string): Finding => ({ promise, why });

function whyWrong(evidence: Evidence, principal: PrincipalFacts, revoke: AcceptedRevoke): Finding | undefined {
  const { policy } = evidence;
  if (policy.mode !== "enforce") return breach("never wrong", `revoked although the mode is ${policy.mode}`);
  if (principal.kind === "servicePrincipal") return breach("never wrong", "revoked a service principal");
  if (policy.excluded.includes(principal.id)) return breach("never wrong", "revoked although excluded");
  if (policy.included !== "all" && !policy.included.includes(principal.id)) {
    return breach("never wrong", "revoked although out of scope");
  }
  const now = revoke.appliedAt;
  const lost = [...seemingLosses(evidence, principal), ...reportedByAudit(evidence, principal)].filter(
    (loss) => loss.at <= now && isEnforced(evidence, loss),
  );
  if (lost.length === 0) {
    const coming = ended(principal).find((source) => endOf(source) > now && endOf(source) < now + 15 * minute);
    return coming === undefined
      ? breach("never wrong", "revoked although no privilege was lost")
      : breach("never early", `revoked ${endOf(coming) - now} ms before the privilege was really gone`);
  }
  const open = lost.filter((loss) => !isKnownHeld(evidence, principal, loss, now));
  if (open.length === 0)
    return breach("never wrong", "revoked although every lost privilege is held again or another way");
  // Of an end that was not announced, or only while nobody could see it, the app can only know that it came after the last reading.
  const knownEnd = (source: SourceFacts) =>
    (surelyKnown(evidence, source, now) ? source.announcedToHolder.at(-1) : undefined) ?? now;
  const lastMoment = (loss: Loss) => Math.max(loss.at, ...stretchBefore(principal, loss).map(knownEnd));
  return open.some((loss) => now - lastMoment(loss) <= policy.staleAfter + minute)
    ? undefined
    : breach("never wrong", "revoked although the end is stale");
}

/** The audit log names no scope: what it alone reported counts as a loss of the role in the whole directory. */
function reportedByAudit(evidence: Evidence, principal: PrincipalFacts): Loss[] {
  const isReported = evidence.outcomes.some(({ principalId, audited }) => audited && principalId === principal.id);
  return isReported ? auditLosses(evidence, principal).map((loss) => ({ ...loss, scope: "/" })) : [];
}
