import { cutAfter, isReadable } from "./cuts.ts";
import type { Evidence, PrincipalFacts, RecordedOutcome } from "./evidence.ts";
import { isQuiet, surelyKnown } from "./known.ts";
import { newsDelayOf, second, wholeSecond } from "./limits.ts";
import { whyNotTheirs } from "./never-held.ts";
import { endOf, giving, isEnforced, type Loss, samePrivilege } from "./truth.ts";

/** The outcomes that say "older sessions are cut": for the others it does not matter from when on. */
const cuts = ["revoked", "alreadySatisfied", "reportOnly"];

/** In words why this record of that loss is not true, or undefined when it is. */
export function whyUntrue(
  evidence: Evidence,
  principal: PrincipalFacts,
  loss: Loss,
  row: RecordedOutcome,
): string | undefined {
  return (
    whyNotTheirs(evidence, loss.source, row) ??
    (cuts.includes(row.outcome ?? "") ? whyCutOffBad(principal, loss, row) : undefined) ??
    whyOutcomeUntrue(evidence, principal, loss, row)
  );
}

function whyCutOffBad(principal: PrincipalFacts, loss: Loss, row: RecordedOutcome): string | undefined {
  if (row.cutOff > wholeSecond(row.datedAt)) return "its cut-off lies after the moment at which it was recorded";
  // What a wider privilege covered until then has a record of its own: this one counts from the end of its own source.
  return row.cutOff >= wholeSecond(endOf(loss.source)) || mayBeDenied(principal, loss, row.cutOff)
    ? undefined
    : "its cut-off lies before the loss: older sessions would count as cut";
}

/**
 * Whether an answer of that second may have shown nothing that gives this very privilege: the run that proves the loss may begin with one that was wrong. A
 * wider privilege has a record of its own.
 */
const mayBeDenied = (principal: PrincipalFacts, loss: Loss, time: number): boolean =>
  giving(principal, loss).every(
    (source) =>
      !samePrivilege(source, loss) ||
      source.from > time - newsDelayOf(source) ||
      (source.goneAt ?? Number.POSITIVE_INFINITY) < time + second ||
      source.denied.some(({ from, to }) => time >= wholeSecond(from) && time <= to),
  );

/**
 * The app need not have heard of an extension: the first announced end counts. What gave the privilege while nobody could see it, during an outage or
 * through a group, is known by the ends of what gave it besides.
 */
function isStale(
  evidence: Evidence,
  principal: PrincipalFacts,
  { source, at, ...loss }: Loss,
  closedAt: number,
): boolean {
  const isUnseen = !surelyKnown(evidence, source, at);
  const known = isUnseen ? [source, ...giving(principal, loss)] : [source];
  return (
    closedAt - Math.min(at, ...known.flatMap(({ announcedEnds }) => announcedEnds)) >
    evidence.policy.staleAfter - second
  );
}

function whyOutcomeUntrue(
  evidence: Evidence,
  principal: PrincipalFacts,
  loss: Loss,
  row: RecordedOutcome,
): string | undefined {
  const { policy } = evidence;
  const closedAt = row.closedAt ?? evidence.to;
  const isUser = principal.kind === "user";
  const isDeleted = principal.deletedAt !== null && principal.deletedAt <= closedAt;
  switch (row.outcome) {
    case null:
      return undefined;
    case "revoked":
      if (principal.kind === "guest") return "recorded as revoked, but another tenant signs this guest in";
      // While a call of ours is under way, nobody knows whose cut it is that can be read.
      if (!cutAfter(evidence, principal, loss.at, closedAt)) {
        return "recorded as revoked, but the sessions were not cut between the loss and the record";
      }
      return row.verified === false && isQuiet(evidence, row.openedAt, closedAt) && isReadable(evidence, principal)
        ? "recorded as revoked but not verified, although the cut was there to read"
        : undefined;
    case "alreadySatisfied":
      if (principal.kind === "guest") return "recorded as satisfied, but another tenant signs this guest in";
      return cutAfter(evidence, principal, Math.min(loss.at, row.cutOff), closedAt)
        ? undefined
        : "recorded as already satisfied, but nobody had cut the sessions since the loss";
    case "excluded":
      return policy.excluded.includes(principal.id)
        ? undefined
        : "recorded as excluded, but the policy does not exclude it";
    case "outOfScope":
      return (policy.included !== "all" && !policy.included.includes(principal.id)) || !isEnforced(evidence, loss)
        ? undefined
        : "recorded as out of scope, but the policy includes it";
    case "reportOnly":
      return policy.mode === "reportOnly" ? undefined : `recorded as report only, but the mode is ${policy.mode}`;
    case "notEnforceable":
      if (principal.kind === "guest" && policy.mode === "enforce" && !isDeleted) {
        return cutAfter(evidence, principal, Math.min(loss.at, row.cutOff), closedAt)
          ? undefined
          : "recorded as not enforceable, but nobody asked to cut the sessions of this guest";
      }
      // A user who was deleted before the app could read it once looks like no user at all.
      return isUser && !isDeleted ? "recorded as not enforceable, but it is an ordinary user" : undefined;
    case "principalGone":
      return isDeleted ? undefined : "recorded as principal gone, but nobody deleted it";
    case "stale":
      return isStale(evidence, principal, loss, closedAt) ? undefined : "recorded as stale before its time";
    case "failed":
      // Graph refused until it was too late.
      return isStale(evidence, principal, loss, closedAt) &&
        evidence.disturbances.some(({ what }) => /^revokeForbidden|^graph/.test(what))
        ? undefined
        : "recorded as failed, though Graph did not refuse it until it was stale";
    default:
      return `recorded as ${row.outcome}, which none of the modelled faults can lead to`;
  }
}
