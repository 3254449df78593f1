import type { Evidence, HoldingFacts, PrincipalFacts } from "./evidence.ts";
import { minute, staleView } from "./limits.ts";
import { covers } from "./truth.ts";

/** The holdings through which the privilege may have seemed, or was, held another way around the end at `at`. */
export function otherWays(
  principal: PrincipalFacts,
  ended: HoldingFacts,
  at: number,
  closedAt: number,
): HoldingFacts[] {
  return principal.holdings.filter(
    (other) =>
      other !== ended &&
      covers(other, ended) &&
      other.from <= closedAt &&
      // It may be shown by mistake for a while, and be believed for as long after that.
      (other.goneAt === null || Math.max(other.goneAt, other.forgottenAt ?? 0) + staleView + minute >= at),
  );
}

/** Whether something had given the privilege whose end the app only got to know afterwards. */
export const believedOtherWay = (
  evidence: Evidence,
  principal: PrincipalFacts,
  ended: HoldingFacts,
  closedAt: number,
): boolean =>
  principal.holdings.some(
    (other) =>
      other !== ended &&
      covers(other, ended) &&
      other.from <= closedAt &&
      evidence.outcomes.some((row) => row.schedule === other.schedule && row.openedAt > closedAt),
  );
