import type { Evidence, HoldingFacts, PrincipalFacts, Span } from "./evidence.ts";
import { minute, second, staleView } from "./limits.ts";
import { covers, type Loss } from "./truth.ts";

/** Groups are searched for every five minutes, and their members read after that. */
const groupsFoundWithin = 6 * minute;

/** Whether any working app had to have seen this holding: it was plainly shown for long enough in a quiet time. */
export function surelyWatched(evidence: Evidence, holding: HoldingFacts, until: number): boolean {
  if (holding.throughGroup && !evidence.policy.watchGroups) return false;
  const needed =
    2 * evidence.resyncEvery +
    30 * second +
    (holding.sharesSchedule ? staleView + minute : 0) +
    (holding.throughGroup ? groupsFoundWithin : 0);
  return holding.plainlyShown
    .flatMap((span) => quietParts(evidence, { from: Math.max(span.from, evidence.from), to: Math.min(span.to, until) }))
    .some(({ from, to }) => to - from >= needed);
}

/** Whether any working app had to see this end. */
export function mustBeSeen(evidence: Evidence, principal: PrincipalFacts, { holding, at }: Loss): boolean {
  const { optional, forgottenAt } = holding;
  // What some view still shows when the history ends is too young to be settled.
  if (optional || at < evidence.from || (forgottenAt ?? at) > evidence.judgedUntil) return false;
  if (!surelyWatched(evidence, holding, at)) return false;
  if (isHiddenStill(evidence, principal, { holding, at })) return false;
  return goesOnAs(evidence, principal, { holding, at }) === undefined;
}

/** The next assignment with the very same key, if the gap between them, which alone tells that there was an end, need not be seen. */
export function goesOnAs(evidence: Evidence, principal: PrincipalFacts, loss: Loss): HoldingFacts | undefined {
  const { holding, at } = loss;
  const again = principal.holdings.find(({ schedule, from }) => schedule === holding.schedule && from > at);
  return again === undefined || isGapSeen(evidence, principal, loss, again.from) ? undefined : again;
}

/** While another holding explains the role, the list alone shows the gap, and may be wrong for minutes. */
function isGapSeen(evidence: Evidence, principal: PrincipalFacts, { holding, at }: Loss, until: number): boolean {
  const needed = 2 * evidence.resyncEvery + minute;
  const isQuietFor = (from: number, time: number) =>
    quietParts(evidence, { from, to: until }).some((part) => part.to - part.from > time);
  const forgotten = holding.forgottenAt ?? at;
  const explaining = principal.holdings.filter(
    (other) => other !== holding && covers(other, holding) && other.from < until && (other.forgottenAt ?? until) > at,
  );
  const unexplained = Math.max(forgotten, ...explaining.map((other) => other.forgottenAt ?? until));
  return isQuietFor(forgotten, needed + staleView) || isQuietFor(unexplained, needed);
}

/**
 * While another holding explains the role, an end is believed only once the list has not shown it for as long as it may be wrong: a history
 * that is over before that says nothing about it.
 */
export function isHiddenStill(evidence: Evidence, principal: PrincipalFacts, { holding, at }: Loss): boolean {
  const needed = staleView + 2 * evidence.resyncEvery + minute;
  const calm = calmAfter(evidence, holding.forgottenAt ?? at, needed);
  const others = principal.holdings.filter(
    (other) => other !== holding && covers(other, holding) && other.from < evidence.to && (other.goneAt ?? at + 1) > at,
  );
  if (others.length === 0) return false;
  if (evidence.to < calm + needed) return true;
  // As long as the list denies the other as well, the directory's row may be of either.
  const isListed = ({ from, to }: Span) =>
    Math.min(to, evidence.to) - Math.max(from, calm + staleView) >= 2 * evidence.resyncEvery + minute;
  return others.every(
    ({ goneAt, plainlyShown }) => (goneAt ?? evidence.to + 1) > evidence.to && !plainlyShown.some(isListed),
  );
}

/** From `start` on, when the first `needed` milliseconds without any disturbance begin. */
export const calmAfter = ({ disturbances }: Evidence, start: number, needed: number): number =>
  disturbances
    .toSorted((one, other) => one.from - other.from)
    .reduce((time, { from, to }) => (from < time + needed ? Math.max(time, to) : time), start);

/** The parts of a span without disturbances. */
export function quietParts(evidence: Evidence, span: Span): Span[] {
  let parts: Span[] = [span];
  for (const disturbance of evidence.disturbances) {
    parts = parts.flatMap((part) => [
      { from: part.from, to: Math.min(part.to, disturbance.from) },
      { from: Math.max(part.from, disturbance.to), to: part.to },
    ]);
    parts = parts.filter(({ from, to }) => from < to);
  }
  return parts;
}

export const isQuiet = (evidence: Evidence, from: number, to: number): boolean =>
  evidence.disturbances.every((disturbance) => disturbance.to < from || disturbance.from > to);
