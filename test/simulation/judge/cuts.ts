import type { Evidence, PrincipalFacts } from "./evidence.ts";
import { wholeSecond } from "./limits.ts";

/** Whether somebody cut the user's sessions at or after `time`. */
export const cutAfter = (evidence: Evidence, principal: PrincipalFacts, time: number, until: number): boolean =>
  [...ownCuts(evidence, principal), ...principal.othersRevokedAt].some((at) => at >= wholeSecond(time) && at <= until);

const ownCuts = (evidence: Evidence, principal: PrincipalFacts): number[] =>
  evidence.revokes.filter((revoke) => revoke.principalId === principal.id).map((revoke) => revoke.appliedAt);

/** Not when the user was deleted, nor when somebody else cut in the same second as we: the value reads the same before and after. */
export const isReadable = (evidence: Evidence, principal: PrincipalFacts): boolean => {
  const others = principal.othersRevokedAt.map(wholeSecond);
  return principal.deletedAt === null && !ownCuts(evidence, principal).some((at) => others.includes(wholeSecond(at)));
};
