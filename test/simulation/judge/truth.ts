import type { Evidence, HoldingFacts, PrincipalFacts, Privilege } from "./evidence.ts";

/** The end of a holding after which the principal did not hold the privilege any more. */
export interface Loss {
  readonly holding: HoldingFacts;
  readonly at: number;
}

/** A role in the whole directory covers the role in every scope, never the reverse. */
export const covers = (one: Privilege, other: Privilege): boolean =>
  one.role === other.role && (one.scope === other.scope || one.scope === "/");

export const samePrivilege = (one: Privilege, other: Privilege): boolean =>
  one.role === other.role && one.scope === other.scope;

/** Whether the policy cuts for this privilege: places in groups are no roles and always do. */
export const isEnforced = ({ policy }: Evidence, { role }: Privilege): boolean =>
  policy.enforcedRoles === "all" || role.includes(" of ") || policy.enforcedRoles.includes(role);

const goneAt = (holding: HoldingFacts): number => holding.goneAt ?? Number.POSITIVE_INFINITY;

/** Whether the principal truly held the privilege during the whole span. */
export function heldThroughout(principal: PrincipalFacts, privilege: Privilege, from: number, to: number): boolean {
  let covered = from;
  for (;;) {
    const next = principal.holdings.filter((holding) => covers(holding, privilege) && holding.from <= covered);
    const reach = Math.max(covered, ...next.map(goneAt));
    if (reach > to) return true;
    if (reach === covered) return false;
    covered = reach;
  }
}

/** Every end at which a privilege was really lost, oldest first. */
export function losses(principal: PrincipalFacts): Loss[] {
  return ends(principal).filter(({ holding, at }) => !heldThroughout(principal, holding, at, at));
}

/** Every end, lost or held another way, oldest first. */
export function ends(principal: PrincipalFacts): Loss[] {
  return principal.holdings
    .filter((holding) => holding.goneAt !== null && holding.goneAt > holding.from)
    .map((holding) => ({ holding, at: goneAt(holding) }))
    .sort((one, other) => one.at - other.at);
}

/**
 * From when on an end can be seen. The directory has one row per privilege: while another holding keeps that row, the list alone tells.
 */
export function visibleEnd(principal: PrincipalFacts, holding: HoldingFacts): number {
  const end = goneAt(holding);
  return isExplained(principal, holding, end) ? (holding.firstGoneAt ?? end) : end;
}

/** The soonest that it may count as ended. */
export const soonestEnd = (principal: PrincipalFacts, holding: HoldingFacts): number =>
  Math.min(...endMoments(principal, holding));

/**
 * When it may count as ended: from its visible end on, from its real one, or, once its announced end has come, from any moment before that at which
 * some view denies it while another holding explains the directory's row, though it is shown again. That other one may be new: then the denial has
 * waited for it. And what else gave the privilege may be gone, or denied, only later: then this has waited for that. Oldest first.
 */
export function endMoments(principal: PrincipalFacts, holding: HoldingFacts): readonly number[] {
  const announced = holding.announcedEnds.at(-1) ?? Number.POSITIVE_INFINITY;
  const end = goneAt(holding);
  const isDenied = (at: number) => !holding.plainlyShown.some(({ from, to }) => from <= at && at < to);
  const changes = principal.holdings.flatMap(({ from, goneAt, denied }) => [from, goneAt ?? end, denied?.from ?? end]);
  const sooner = [announced, ...holding.plainlyShown.map(({ to }) => to), ...changes].filter(
    (at) => at >= announced && at < end && isDenied(at) && isExplained(principal, holding, at),
  );
  return [...new Set([...sooner, visibleEnd(principal, holding), end])].sort((one, other) => one - other);
}

/** Whether another holding keeps the directory's row of this one. */
function isExplained(principal: PrincipalFacts, holding: HoldingFacts, at: number): boolean {
  const others = principal.holdings.filter((other) => other !== holding && samePrivilege(other, holding));
  return heldThroughout({ ...principal, holdings: others }, holding, at, at);
}
