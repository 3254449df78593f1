import type { Evidence, PrincipalFacts, Privilege, SourceFacts } from "./evidence.ts";
import { isUnseen, surelyKnown } from "./known.ts";
import { newsDelayOf } from "./limits.ts";
import { ended, endOf, givesAt, giving, type Loss, samePrivilege } from "./truth.ts";

/**
 * Every moment that may look like a loss: nothing gave the privilege then but what was too new to be known, what came and went unseen, or what Graph denied
 * before anybody could see it. A call, or the record of a loss, needs one of these.
 */
export function seemingLosses(evidence: Evidence, principal: PrincipalFacts): Loss[] {
  const all = ended(principal);
  const isVisible = (source: SourceFacts) => !isUnseen(evidence, { from: source.from, to: endOf(source) });
  const visible = { ...principal, sources: principal.sources.filter(isVisible) };
  return all.flatMap((source, index) => {
    const { role, scope, neverHeld } = source;
    const from = endOf(source);
    const next = all.slice(index + 1).find((other) => samePrivilege(other, source) && other.neverHeld === null);
    const before = neverHeld === null && next !== undefined ? endOf(next) : Number.POSITIVE_INFINITY;
    const ways = giving(principal, source);
    const moments = ways.flatMap(({ goneAt, denied }) => [goneAt ?? from, ...denied.map((span) => span.from)]);
    return [...new Set([from, ...moments])]
      .filter((at) => at >= from && (at === from || at < before) && !isKnownHeld(evidence, visible, source, at))
      .map((at): Loss => ({ role, scope, at, source, until: knownAgain(evidence, principal, ways, at) }));
  });
}

/** When the app had to know at the latest that something gives the privilege again. */
const knownAgain = (evidence: Evidence, principal: PrincipalFacts, ways: readonly SourceFacts[], at: number): number =>
  Math.min(
    ...ways
      // What nobody could see in time, during an outage or in a service principal's groups, ends no earlier loss for the app.
      .filter((source) => isReadable(principal, source) && surelyKnown(evidence, source, endOf(source)))
      .map((source) => ({ source, known: source.from + newsDelayOf(source) }))
      .filter(({ source, known }) => known > at && endOf(source) > known)
      .map(({ known }) => known),
  );

/** Whether something gives the privilege at that time of which the app had to know. */
export const isKnownHeld = (
  evidence: Evidence,
  principal: PrincipalFacts,
  privilege: Privilege,
  time: number,
): boolean =>
  giving(principal, privilege).some(
    (source) =>
      givesAt(source, time) &&
      isReadable(principal, source) &&
      source.from <= time - newsDelayOf(source) &&
      !mayBeUnseen(evidence, source, time),
  );

/** Whose groups a service principal is in nobody asks: `transitiveMemberOf` is read of users (Graph reference: list a user's memberships). */
const isReadable = ({ kind }: PrincipalFacts, { throughGroup }: SourceFacts): boolean =>
  kind !== "servicePrincipal" || !throughGroup;

/** Which Graph denied at the time, or until shortly before, and which the app had no chance to see before that. */
const mayBeUnseen = (evidence: Evidence, source: SourceFacts, time: number): boolean =>
  source.denied.some(
    ({ from, to }) => from <= time && to >= time - newsDelayOf(source) && !surelyKnown(evidence, source, from),
  );
