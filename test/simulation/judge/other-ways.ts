import type { Evidence, HoldingFacts, PrincipalFacts } from "./evidence.ts";
import { isAbout } from "./is-about.ts";
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
      // It may be shown by mistake for a while, and be believed for as long after that, but for the time in which the directory's row may be of either.
      (other.goneAt === null || believedUntil(other, ended, at) >= at),
  );
}

function believedUntil(other: HoldingFacts, ended: HoldingFacts, at: number): number {
  const since = Math.max(other.goneAt ?? 0, other.forgottenAt ?? 0);
  return since + staleView + minute + deniedFor(ended, since, at);
}

/** For how long some view denied it between the two. */
function deniedFor({ from, plainlyShown }: HoldingFacts, since: number, until: number): number {
  const start = Math.max(from, since);
  const plain = plainlyShown.map((span) => Math.max(0, Math.min(span.to, until) - Math.max(span.from, start)));
  return Math.max(0, until - start - plain.reduce((sum, part) => sum + part, 0));
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
      evidence.outcomes.some(
        (row) => row.principalId === principal.id && isAbout(row, other) && row.openedAt > closedAt,
      ),
  );
