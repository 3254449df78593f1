import type { GraphTime, StorageTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { soon } from "../detection/next-pass.ts";
import { isStillHeld } from "../detection/still-held.ts";
import type { UserReading } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isTierZero, knownEnd } from "../model/holding.ts";
import {
  heldByThreshold,
  heldForReview,
  isHeld,
  isRole,
  type Outcome,
  type PendingRevocation,
  type Progress,
} from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { isEnforced, judgeScope, type ResolvedPolicy } from "./policy.ts";
import { type Control, needsReview } from "./stop-and-resume.ts";

/** Everything that a decision may depend on. `stopped`: by setting or by an operator. `storageTime`: when the state was loaded. */
export interface Circumstances extends Control {
  /** The state after the newest reading. */
  readonly state: PrincipalState;
  /** Null when Graph answered 404. */
  readonly user: UserReading | null;
  /** Graph's time of that reading. */
  readonly date: GraphTime;
  readonly policy: ResolvedPolicy;
  readonly timings: Timings;
}

export type Decision =
  | { readonly do: "close"; readonly outcome: Outcome; readonly verified?: boolean; readonly detail?: string }
  | { readonly do: "wait"; readonly until: GraphTime; readonly heldBy: string }
  | { readonly do: "revoke" };

const wait = (until: GraphTime, heldBy: string): Decision => ({ do: "wait", until, heldBy });
export const close = (outcome: Outcome, detail?: string): Decision => ({
  do: "close",
  outcome,
  ...(detail && { detail }),
});
const revoked = (verified: boolean): Decision => ({ do: "close", outcome: "revoked", verified });

/** Whether the revocation calls for a revoke, or would in `enforce`. */
export const isDue = (decision: Decision): boolean =>
  decision.do === "revoke" || (decision.do === "close" && decision.detail === wouldRevoke);

/** What to do about one open pending revocation. Pure. */
export function decide(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const { date, policy, state, timings, user } = circumstances;
  const { progress, foundAt, lastHeld } = revocation;
  if (progress.state === "accepted") return readBack(revocation, progress.acceptedAt, circumstances);
  if (isSatisfied(revocation, user) && isCovered(revocation, state)) return notEnforceable(user) ?? revoked(true);
  const held = isStillHeld(revocation, state);
  if (held === "yes") return close("stillHeld");
  if (held === "doubtful") return wait(date + timings.passSlowly, "doubtful");
  if (date - lastHeld > policy.staleAfter) {
    // After an outage another pass may find soon that a group gave the privilege for longer.
    const until = foundAt + timings.lag.ownAndGroup;
    if (date < until) return wait(until, "doubtful");
    const refused = refusal(revocation);
    return refused === null ? close("stale") : close("failed", refused.code);
  }
  return (
    judgePrincipal(revocation, circumstances) ??
    judgeMoment(revocation, circumstances) ??
    awaitEarlierCall(revocation, circumstances) ?? { do: "revoke" }
  );
}

function readBack(revocation: PendingRevocation, acceptedAt: GraphTime, circumstances: Circumstances): Decision {
  const { user, date, timings } = circumstances;
  const external = notEnforceable(user);
  if (external !== null) return external;
  if (isSatisfied(revocation, user)) return revoked(true);
  return date - acceptedAt >= timings.lag.readBack ? revoked(false) : wait(soon(acceptedAt, date, timings), "readBack");
}

/** What to do because of who the principal is; null when the app may and can cut their sessions. */
function judgePrincipal(revocation: PendingRevocation, circumstances: Circumstances): Decision | null {
  const { state, user, date, policy, timings } = circumstances;
  const { principalId, head } = state;
  if (user === null) {
    const goneAt = (head.missing?.since ?? date) + timings.lag.userMissing;
    if (date < goneAt) return wait(goneAt, "missing");
    return head.kind === "unknown" ? close("notEnforceable", "notAUser") : close("principalGone");
  }
  const scope = judgeScope(principalId, policy.scope, exemptibleUntil(revocation, circumstances));
  if (scope === "excluded") return close("excluded");
  if (scope === "out") return close("outOfScope");
  if (scope === "unknown") return wait(date + timings.holdEvery, "scope");
  const enforced = isRole(revocation) ? isEnforced(revocation.roleDefinitionId, policy.enforcedRoles) : "yes";
  if (enforced === "no") return close("outOfScope", "role");
  if (enforced === "unknown") return wait(date + timings.holdEvery, "enforcedRoles");
  return null;
}

/**
 * Storage's time up to which joining an excluded group exempts the user from this loss: when the privilege was first seen, for one through a group its
 * start where it has one; if no reading saw it, its start, or else its loss. Null = at any time. Pure.
 */
export function exemptibleUntil(revocation: PendingRevocation, circumstances: Circumstances): StorageTime | null {
  const { key, startDateTime, seenSince, cutOff } = revocation;
  const { state, date, storageTime, policy } = circumstances;
  if (policy.lateExemptions === "honour") return null;
  const began = startDateTime === null ? (seenSince ?? cutOff) : instantMs(startDateTime);
  return (state.ended.get(key)?.firstSeen ?? began) + storageTime - date;
}

/** What to do because of the moment, given that this principal's sessions may be cut; null when nothing but an earlier call can stand in the way. */
function judgeMoment(revocation: PendingRevocation, circumstances: Circumstances): Decision | null {
  const { user, date, storageTime, throttledUntil, policy, stopped } = circumstances;
  const { holdEvery } = circumstances.timings;
  if (isSatisfied(revocation, user)) return notEnforceable(user) ?? close("alreadySatisfied");
  if (stopped) return wait(date + holdEvery, "stopped");
  if (policy.mode !== "enforce") return judgeReport(revocation, circumstances);
  const isOld = needsReview(revocation, circumstances);
  if (isOld || isHeld(revocation)) {
    // Audit rows come within minutes, operators later: the wait doubles, up to ten times `holdEvery`.
    const longer = Math.min(Math.max(date - revocation.foundAt, holdEvery), 10 * holdEvery);
    return wait(date + longer, isOld ? heldForReview : heldByThreshold);
  }
  const another = awaitAnotherEnd(revocation, circumstances);
  if (another !== null) return another;
  const refused = refusal(revocation);
  if (refused !== null && refused.until > date) return wait(refused.until, refusedBy(refused.code));
  if (throttledUntil === null || throttledUntil <= storageTime) return null;
  return wait(date + throttledUntil - storageTime, "throttled");
}

/** Records what `enforce` would do now instead of doing it. A call that `enforce` would have made counts for all that it would have satisfied. */
function judgeReport(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const { user, state } = circumstances;
  const external = notEnforceable(user);
  if (external !== null) return external;
  const called = latest(state, (one) => (one.state === "closed" && one.detail === wouldRevoke ? one.closedAt : null));
  // In whole seconds, as Graph gives it for a revoke.
  const sessionsValidFrom = Math.floor(called / wholeSecond) * wholeSecond;
  if (isSatisfied(revocation, user && { ...user, sessionsValidFrom })) return close("reportOnly", wouldBeSatisfied);
  if (isHeld(revocation)) return close("reportOnly", "wouldBeHeld");
  return awaitAnotherEnd(revocation, circumstances) ?? close("reportOnly", wouldRevoke);
}

/** The `detail` of a `reportOnly` outcome: `enforce` would have revoked; would have found the loss satisfied by such a revoke; else, would have held it. */
const wouldRevoke = "wouldRevoke";
export const wouldBeSatisfied = "wouldBeSatisfied";
const wholeSecond = 1000;

/**
 * A wait when one call may serve this end and another of the same user that is known to come soon, so that roles ending minutes apart sign a person out
 * once; null otherwise. Ends of tier-zero roles, and of memberships that are privileges themselves, never wait. Pure.
 */
export function awaitAnotherEnd(revocation: PendingRevocation, circumstances: Circumstances): Decision | null {
  const { state, date, policy, timings } = circumstances;
  if (policy.coalesceWithin === 0 || !isRole(revocation) || isTierZero(revocation.roleDefinitionId)) return null;
  const deadline = revocation.lastHeld + policy.coalesceWithin - timings.coalesceMargin;
  if (date >= deadline) return null;
  const awaited = [...state.holdings.values()]
    .filter(({ roleDefinitionId }) => isEnforced(roleDefinitionId, policy.enforcedRoles) === "yes")
    .map(knownEnd)
    .filter((end) => end !== null)
    .filter((end) => end <= deadline && end + timings.overdueAfter > date);
  // PIM may be late with an end: the wait goes on a little longer, but not for ever.
  const until = Math.min(deadline, Math.max(...awaited) + timings.overdueAfter);
  return awaited.length === 0 ? null : wait(until, "anotherEnd");
}

/** A wait for an earlier call for this user that may have served this end, too; null otherwise. */
function awaitEarlierCall({ key, cutOff }: PendingRevocation, circumstances: Circumstances): Decision | null {
  const { state, date, storageTime, timings } = circumstances;
  const { attempt } = state;
  /** Replicas may lag behind a call that was applied at `since`: they must not cause a second one. */
  const readAgain = (since: GraphTime, heldBy: string) => {
    const until = since + timings.lag.sessionsLag;
    return date < until ? wait(Math.min(until, date + timings.readBackEvery), heldBy) : null;
  };
  const accepted = latest(state, (one) => (one.state === "pending" ? null : one.acceptedAt));
  const accepting = accepted >= cutOff ? readAgain(accepted, "readBack") : null;
  if (accepting !== null) return accepting;
  if (attempt?.state === "open") {
    const left = (attempt.writtenAt ?? storageTime) + timings.leaseFor - storageTime;
    return wait(date + Math.max(left, timings.passLess), "attempt");
  }
  const isUncertain = attempt?.state === "uncertain" && attempt.covers.includes(key);
  return isUncertain ? readAgain(attempt.uncertainSince ?? date, "uncertain") : null;
}

/** The latest of the times that this user's revocations give; minus infinity when none does. */
const latest = ({ revocations }: PrincipalState, timeOf: (progress: Progress) => GraphTime | null): GraphTime =>
  Math.max(...[...revocations.values()].map(({ progress }) => timeOf(progress) ?? Number.NEGATIVE_INFINITY));

/** Whether sessions are valid only from the cut-off on, by a revoke later than the value read in the first answer of the absence. Pure. */
export function isSatisfied(revocation: PendingRevocation, user: UserReading | null): boolean {
  const { cutOff, sessionsValidFromBefore: before } = revocation;
  const validFrom = user?.sessionsValidFrom ?? null;
  return validFrom !== null && validFrom >= cutOff && (before === null || validFrom > before);
}

/** Whether the last call was made for this revocation and may have been applied. Pure. */
export const isCovered = ({ key }: PendingRevocation, { attempt }: PrincipalState): boolean =>
  attempt !== null && attempt.state !== "refused" && attempt.covers.includes(key);

/**
 * The outcome for a user whom another tenant may sign in; null for all others. Their sessions are cut as well, since every mark of an external user can be
 * changed by somebody; but a read-back proves nothing for them, so the outcome claims no cut.
 */
const notEnforceable = (user: UserReading | null): Decision | null =>
  user?.external ? close("notEnforceable", "externalUser") : null;

const refusalMark = "refused:";

/** Marks a wait as one that Graph's refusal caused, with Graph's code. */
export const refusedBy = (code: string): string => refusalMark + code;

/** Graph's refusal after which the revocation waits; null when there is none. Only it sets a time before which no call is made. */
function refusal({ progress }: PendingRevocation): { readonly code: string; readonly until: GraphTime } | null {
  if (progress.state !== "pending" || !progress.heldBy?.startsWith(refusalMark)) return null;
  return { code: progress.heldBy.slice(refusalMark.length), until: progress.notBefore ?? 0 };
}
