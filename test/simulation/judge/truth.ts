import type { Evidence, PrincipalFacts, Privilege, SourceFacts } from "./evidence.ts";

/** A moment from which on nothing gave a privilege any more that some source had given until then. */
export interface Loss extends Privilege {
  readonly at: number;
  /** The source of this very privilege that ended last. */
  readonly source: SourceFacts;
  /** When something gives the privilege again; Infinity = never. */
  readonly until: number;
}

/** A role in the whole directory covers the role in every scope, never the reverse. */
export const covers = (one: Privilege, other: Privilege): boolean =>
  one.role === other.role && (one.scope === other.scope || one.scope === "/");

export const samePrivilege = (one: Privilege, other: Privilege): boolean =>
  one.role === other.role && one.scope === other.scope;

/** Whether the policy cuts for this privilege: places in groups are no roles and always do. */
export const isEnforced = ({ policy }: Evidence, { role }: Privilege): boolean =>
  policy.enforcedRoles === "all" || role.includes(" of ") || policy.enforcedRoles.includes(role);

export const endOf = ({ goneAt }: SourceFacts): number => goneAt ?? Number.POSITIVE_INFINITY;

/** Every source that ended, oldest end first. */
export const ended = ({ sources }: PrincipalFacts): SourceFacts[] =>
  sources.filter((source) => endOf(source) > source.from && source.goneAt !== null).sort((a, b) => endOf(a) - endOf(b));

/** What truly gives the privilege or a wider one, at any time. */
export const giving = ({ sources }: PrincipalFacts, privilege: Privilege): SourceFacts[] =>
  sources.filter((source) => source.neverHeld === null && covers(source, privilege));

export const givesAt = ({ from, ...source }: SourceFacts, time: number): boolean =>
  from <= time && endOf({ from, ...source }) > time;

/** Every loss: each must be recorded once, if it can be seen. */
export function losses(principal: PrincipalFacts): Loss[] {
  const found = new Map<string, Loss>();
  for (const source of ended(principal)) {
    const at = endOf(source);
    const ways = giving(principal, source);
    if (source.neverHeld !== null || ways.some((other) => givesAt(other, at))) continue;
    const until = Math.min(...ways.map(({ from }) => (from > at ? from : Number.POSITIVE_INFINITY)));
    found.set(`${source.role} ${source.scope} ${at}`, { role: source.role, scope: source.scope, at, source, until });
  }
  return [...found.values()];
}

/** When no answer shows any more, even by mistake, what gave the privilege until then. */
export const forgottenBy = (principal: PrincipalFacts, { at, ...privilege }: Loss): number =>
  Math.max(
    at,
    ...principal.sources.flatMap((other) =>
      covers(other, privilege) && endOf(other) <= at ? (other.forgottenAt ?? at) : at,
    ),
  );

/** What gave this very privilege, one after the other without a gap, until it was lost. */
export function stretchBefore({ sources }: PrincipalFacts, { at, source }: Loss): SourceFacts[] {
  const same = sources.filter((other) => samePrivilege(other, source) && other.from < at && endOf(other) <= at);
  let stretch = same.filter((other) => other === source);
  for (;;) {
    const from = Math.min(...stretch.map((other) => other.from));
    const longer = same.filter((other) => endOf(other) >= from);
    if (longer.length === stretch.length) return stretch;
    stretch = longer;
  }
}
