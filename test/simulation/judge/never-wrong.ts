import type { AcceptedRevoke, Breach, Evidence, HoldingFacts, PrincipalFacts, PromiseName } from "./evidence.ts";
import { minute, newsDelay, staleView } from "./limits.ts";
import { endMoments, ends, heldThroughout, isEnforced, type Loss } from "./truth.ts";
import { surelyWatched } from "./watching.ts";

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
  if (principal.kind !== "user") return breach("never wrong", `revoked a ${principal.kind}`);
  if (policy.excluded.includes(principal.id)) return breach("never wrong", "revoked although excluded");
  if (policy.included !== "all" && !policy.included.includes(principal.id)) {
    return breach("never wrong", "revoked although out of scope");
  }
  const now = revoke.appliedAt;
  const lost = justifying(evidence, principal, now).filter(
    ({ at, holding }) => at <= now && isEnforced(evidence, holding),
  );
  if (lost.length === 0) {
    const coming = ends(principal).find(({ at }) => at > now && at < now + 15 * minute);
    return coming === undefined
      ? breach("never wrong", "revoked although no privilege was lost")
      : breach("never early", `revoked ${coming.at - now} ms before the privilege was really gone`);
  }
  const known = knownHoldings(evidence, principal, now);
  const open = lost.filter(({ holding }) => policy.revokeWhenReactivated || !heldThroughout(known, holding, now, now));
  if (open.length === 0)
    return breach("never wrong", "revoked although every lost privilege is held again or another way");
  // Of an end that was not announced the app can only know that it came after the last look.
  const fresh = endings(principal).some(({ holding, at }) => {
    const concerns = at <= now && open.some((loss) => loss.holding.role === holding.role);
    return concerns && now - Math.max(at, holding.toldToHolder.at(-1) ?? now) <= policy.staleAfter + minute;
  });
  return fresh ? undefined : breach("never wrong", "revoked although the end is stale");
}

/** One with the very key of an ended one looks for minutes like that one's ghost. */
const newsDelayOf = ({ sharesSchedule }: HoldingFacts): number => newsDelay + (sharesSchedule ? staleView + minute : 0);

/**
 * The ends that justify a call: those at which nothing that the app had to know gave the privilege as well. Where a reactivation shall be cut,
 * too, that is so for all ends but those beside which something else was plainly held, since before their announced time.
 */
function justifying(evidence: Evidence, principal: PrincipalFacts, now: number): Loss[] {
  return endings(principal).filter(({ holding, at }) => {
    const beside = principal.holdings.filter(
      (other) =>
        other !== holding &&
        other.from <= at - newsDelayOf(other) &&
        !mayBeOver(other, now) &&
        !mayBeUnseen(evidence, other, at),
    );
    const known = evidence.policy.revokeWhenReactivated
      ? beside.filter((other) => surelyWatched(evidence, other, at) && !isReactivation(other, holding))
      : beside;
    return !heldThroughout({ ...principal, holdings: known }, holding, at, at);
  });
}

/** Every end at each moment at which it may count as one. */
const endings = (principal: PrincipalFacts): Loss[] =>
  ends(principal).flatMap(({ holding }) => endMoments(principal, holding).map((at) => ({ holding, at })));

/** Whatever begins once the announced time has come is a new one, though Graph may still show the old. */
const isReactivation = ({ from }: HoldingFacts, { announcedEnds }: HoldingFacts): boolean =>
  from >= (announcedEnds.at(-1) ?? Number.POSITIVE_INFINITY);

/**
 * Whose announced end has come, and which some view has denied ever since: while another assignment explained the directory's row, the list alone told
 * that it was over, and it is not believed again for showing it late.
 */
function mayBeOver({ announcedEnds, plainlyShown }: HoldingFacts, now: number): boolean {
  const end = announcedEnds.at(-1);
  return end !== undefined && end <= now && !plainlyShown.some(({ to }) => to > end);
}

/** Which Graph denied at the time, and which the app had no chance to see before. */
const mayBeUnseen = (evidence: Evidence, holding: HoldingFacts, now: number): boolean => {
  const { denied } = holding;
  return (
    denied !== null &&
    denied.to >= now - newsDelay &&
    denied.from <= now &&
    !surelyWatched(evidence, holding, denied.from)
  );
};

/** Without the news, and without those that Graph denied at the time and that the app had no chance to see before. */
function knownHoldings(evidence: Evidence, principal: PrincipalFacts, now: number): PrincipalFacts {
  const holdings = principal.holdings.filter(
    (holding) =>
      holding.from <= now - newsDelayOf(holding) && !mayBeOver(holding, now) && !mayBeUnseen(evidence, holding, now),
  );
  return { ...principal, holdings };
}
