import type { Evidence, HoldingFacts, PrincipalFacts, RecordedOutcome, Span } from "./evidence.ts";
import { covers, type Loss, visibleEnd } from "./truth.ts";

const second = 1000;
const minute = 60 * second;
/** A removed row may be shown for that long. */
export const staleView = 5 * minute;
/** A fresh row may be hidden for a minute, and a call may be under way for some seconds: what is younger need not be known. */
export const newsDelay = 2 * minute;
/** What others did to a user's sessions is readable after that time. */
export const readBackDelay = 30 * second;

/** Whether any working app had to have seen this holding: it was plainly shown for long enough in a quiet time. */
export function surelyWatched(evidence: Evidence, holding: HoldingFacts, until: number): boolean {
  if (holding.throughGroup) return false;
  const needed = 2 * evidence.resyncEvery + 30 * second + (holding.sharesSchedule ? staleView + minute : 0);
  return holding.plainlyShown
    .flatMap((span) => quietParts(evidence, { from: Math.max(span.from, evidence.from), to: Math.min(span.to, until) }))
    .some(({ from, to }) => to - from >= needed);
}

/** Whether any working app had to see this end. */
export function mustBeSeen(evidence: Evidence, principal: PrincipalFacts, { holding, at }: Loss): boolean {
  if (at < evidence.from || at > evidence.judgedUntil || !surelyWatched(evidence, holding, at)) return false;
  // Where the next assignment has the very same key, only the gap between them tells that there was an end.
  const again = principal.holdings.find(({ schedule, from }) => schedule === holding.schedule && from > at);
  if (again === undefined) return true;
  const needed = 2 * evidence.resyncEvery + minute;
  return quietParts(evidence, { from: holding.forgottenAt ?? at, to: again.from }).some(
    ({ from, to }) => to - from > needed,
  );
}

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

/** Whether a time in whole seconds lies in the span. */
export const isIn = (span: Span | null, time: number): boolean =>
  span !== null && time >= wholeSecond(span.from) && time <= span.to;

export const isQuiet = (evidence: Evidence, from: number, to: number): boolean =>
  evidence.disturbances.every((disturbance) => disturbance.to < from || disturbance.from > to);

/** Not when the user was deleted, nor when somebody else cut in the same second as we: the value reads the same before and after. */
const isReadable = (evidence: Evidence, principal: PrincipalFacts): boolean => {
  const others = principal.othersRevokedAt.map(wholeSecond);
  return principal.deletedAt === null && !ownCuts(evidence, principal).some((at) => others.includes(wholeSecond(at)));
};

/** Graph's times have whole seconds: within one second nobody can tell before from after. */
export const wholeSecond = (time: number): number => Math.floor(time / second) * second;

/** Whether somebody cut the user's sessions at or after `time`. */
export const cutAfter = (evidence: Evidence, principal: PrincipalFacts, time: number, until: number): boolean =>
  [...ownCuts(evidence, principal), ...principal.othersRevokedAt].some((at) => at >= wholeSecond(time) && at <= until);

const ownCuts = (evidence: Evidence, principal: PrincipalFacts): number[] =>
  evidence.revokes.filter((revoke) => revoke.principalId === principal.id).map((revoke) => revoke.appliedAt);

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
const believedOtherWay = (
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

/** In words why this recorded outcome is not true, or undefined when it is. `goneAt` is the true end that it is about. */
export function whyUntrue(
  evidence: Evidence,
  principal: PrincipalFacts,
  holding: HoldingFacts,
  row: RecordedOutcome,
): string | undefined {
  const { policy } = evidence;
  const closedAt = row.closedAt ?? evidence.to;
  const goneAt = visibleEnd(principal, holding);
  const isUser = principal.kind === "user";
  switch (row.outcome) {
    case "revoked":
      // While a call of ours is under way, nobody can tell whose cut it is that can be read.
      if (!cutAfter(evidence, principal, goneAt, closedAt)) {
        return "recorded as revoked, but the sessions were not cut between its end and the record";
      }
      return row.verified === false && isQuiet(evidence, row.openedAt, closedAt) && isReadable(evidence, principal)
        ? "recorded as revoked but not verified, although the cut was there to read"
        : undefined;
    case "alreadySatisfied":
      // The run of absences may begin with one that was not true yet, as far as the modelled lag goes.
      return cutAfter(evidence, principal, isIn(holding.denied, row.cutOff) ? row.cutOff : goneAt, closedAt)
        ? undefined
        : "recorded as already satisfied, but nobody had cut the sessions since its end";
    case "heldAnotherWay":
    case "superseded":
      return otherWays(principal, holding, goneAt, closedAt).length > 0 ||
        believedOtherWay(evidence, principal, holding, closedAt)
        ? undefined
        : `recorded as ${row.outcome}, but nothing else gave that privilege`;
    case "excluded":
      return policy.excluded.includes(principal.id)
        ? undefined
        : "recorded as excluded, but the policy does not exclude it";
    case "outOfScope":
      return policy.included !== "all" && !policy.included.includes(principal.id)
        ? undefined
        : "recorded as out of scope, but the policy includes it";
    case "reportOnly":
      return policy.mode === "reportOnly" ? undefined : `recorded as report only, but the mode is ${policy.mode}`;
    case "notEnforceable":
      // A user who was deleted before the app could read it once looks like no user at all.
      return isUser && (principal.deletedAt === null || principal.deletedAt > closedAt)
        ? "recorded as not enforceable, but it is an ordinary user"
        : undefined;
    case "principalGone":
      return principal.deletedAt !== null && principal.deletedAt <= closedAt
        ? undefined
        : "recorded as principal gone, but nobody deleted it";
    case "stale":
      // The app need not have heard of an extension.
      return closedAt - Math.min(goneAt, ...holding.announcedEnds) > policy.staleAfter - second
        ? undefined
        : "recorded as stale before its time";
    default:
      return `recorded as ${row.outcome}, which none of the modelled faults can lead to`;
  }
}
