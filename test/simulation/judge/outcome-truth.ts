import { cutAfter, isReadable } from "./cuts.ts";
import type { Evidence, HoldingFacts, PrincipalFacts, RecordedOutcome, Span } from "./evidence.ts";
import { second, wholeSecond } from "./limits.ts";
import { believedOtherWay, otherWays } from "./other-ways.ts";
import { isEnforced, soonestEnd, visibleEnd } from "./truth.ts";
import { isQuiet } from "./watching.ts";

/** Whether a time in whole seconds lies in the span. */
export const isIn = (span: Span | null, time: number): boolean =>
  span !== null && time >= wholeSecond(span.from) && time <= span.to;

/** The app need not have heard of an extension: the first announced end counts. */
const isStale = ({ policy }: Evidence, holding: HoldingFacts, goneAt: number, closedAt: number): boolean =>
  closedAt - Math.min(goneAt, ...holding.announcedEnds) > policy.staleAfter - second;

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
  const soonest = soonestEnd(principal, holding);
  const isUser = principal.kind === "user";
  switch (row.outcome) {
    case "revoked":
      // While a call of ours is under way, nobody can tell whose cut it is that can be read.
      if (!cutAfter(evidence, principal, soonest, closedAt)) {
        return "recorded as revoked, but the sessions were not cut between its end and the record";
      }
      return row.verified === false && isQuiet(evidence, row.openedAt, closedAt) && isReadable(evidence, principal)
        ? "recorded as revoked but not verified, although the cut was there to read"
        : undefined;
    case "alreadySatisfied":
      // The run of absences may begin with one that was not true yet, as far as the modelled lag goes.
      return cutAfter(evidence, principal, isIn(holding.denied, row.cutOff) ? row.cutOff : soonest, closedAt)
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
      return (policy.included !== "all" && !policy.included.includes(principal.id)) || !isEnforced(evidence, holding)
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
      return isStale(evidence, holding, goneAt, closedAt) ? undefined : "recorded as stale before its time";
    case "failed":
      // Graph refused until it was too late.
      return isStale(evidence, holding, goneAt, closedAt) &&
        evidence.disturbances.some(({ what }) => /^revokeForbidden|^graph/.test(what))
        ? undefined
        : "recorded as failed, though Graph did not refuse it until it was stale";
    default:
      return `recorded as ${row.outcome}, which none of the modelled faults can lead to`;
  }
}
