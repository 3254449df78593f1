import { type GraphTime, type StorageTime, second } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { isStillHeld } from "../detection/still-held.ts";
import type { UserReading } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isTierZero, knownEnd } from "../model/holding.ts";
import {
  type Closed,
  closedAs,
  heldByThreshold,
  heldForReview,
  isHeld,
  isRole,
  type PendingRevocation,
  type Progress,
} from "../model/pending-revocation.ts";
import { isCovered, type PrincipalState } from "../model/principal.ts";
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

/** What becomes of a pending revocation: a revoke now, or else its next progress. */
export type Decision = Progress | "revoke";

const wait = (notBefore: GraphTime, heldBy: string): Progress => ({ state: "pending", notBefore, heldBy });

/** Marks the wait of a loss that may be none: everything else that gives the privilege is being denied. */
const mayBeHeld = "doubtful";

/** Whether a call that is made now serves this one as well: it waits, but not to see whether the privilege is still held. */
export const isServed = (one: Decision) => one === "revoke" || (one.state === "pending" && one.heldBy !== mayBeHeld);

/** Whether the revocation calls for a revoke, or would in `enforce`. */
export const isDue = (one: Decision) => one === "revoke" || (one.state === "closed" && one.detail === wouldRevoke);

/** What to do about one open pending revocation. Pure. */
export function decide(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const { date, policy, state, timings, user } = circumstances;
  const { progress, foundAt, lastHeld } = revocation;
  if (progress.state === "accepted") return readBack(revocation, progress.acceptedAt, circumstances);
  if (isSatisfied(revocation, user) && isCovered(revocation, state))
    return notEnforceable(circumstances) ?? { ...closedAs("revoked", date), verified: true };
  const held = isStillHeld(revocation, state, timings.lag);
  if (held === "yes") return closedAs("stillHeld", date);
  if (held === "doubtful") return wait(date + timings.passSlowly, mayBeHeld);
  if (date - lastHeld > policy.staleAfter) {
    // After an outage another pass may find soon that a group gave the privilege for longer.
    const until = foundAt + timings.lag.ownAndGroup;
    if (date < until) return wait(until, "anotherPass");
    const refused = refusal(revocation);
    return refused === null ? closedAs("stale", date) : closedAs("failed", date, refused.code);
  }
  return (
    judgePrincipal(revocation, circumstances) ??
    judgeMoment(revocation, circumstances) ??
    awaitEarlierCall(revocation, circumstances) ??
    "revoke"
  );
}

function readBack(revocation: PendingRevocation, acceptedAt: GraphTime, circumstances: Circumstances): Progress {
  const { user, date, timings } = circumstances;
  const external = notEnforceable(circumstances);
  if (external !== null) return { ...external, acceptedAt };
  const verified = isSatisfied(revocation, user);
  if (!verified && date - acceptedAt < timings.lag.readBack) return revocation.progress;
  return { ...closedAs("revoked", date), acceptedAt, verified };
}

/** What to do because of who the principal is; null when the app may and can cut their sessions. */
function judgePrincipal(revocation: PendingRevocation, circumstances: Circumstances): Progress | null {
  const { state, user, date, policy, timings } = circumstances;
  const { principalId, head } = state;
  if (user === null) {
    const goneAt = (head.missing?.since ?? date) + timings.lag.userMissing;
    if (date < goneAt) return wait(goneAt, "missing");
    return head.kind === "unknown" ? closedAs("notEnforceable", date, "notAUser") : closedAs("principalGone", date);
  }
  const scope = judgeScope(principalId, policy.scope, exemptibleUntil(revocation, circumstances));
  if (scope === "excluded") return closedAs("excluded", date);
  if (scope === "out") return closedAs("outOfScope", date);
  if (scope === "unknown") return wait(date + timings.holdEvery, "scope");
  const enforced = isRole(revocation) ? isEnforced(revocation.roleDefinitionId, policy.enforcedRoles) : "yes";
  if (enforced === "no") return closedAs("outOfScope", date, "role");
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
function judgeMoment(revocation: PendingRevocation, circumstances: Circumstances): Progress | null {
  const { user, date, storageTime, throttledUntil, policy, stopped } = circumstances;
  const { holdEvery } = circumstances.timings;
  if (isSatisfied(revocation, user)) return notEnforceable(circumstances) ?? closedAs("alreadySatisfied", date);
  if (stopped) return wait(date + holdEvery, "stopped");
  if (policy.mode !== "enforce") return notEnforceable(circumstances) ?? judgeReport(revocation, circumstances);
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
function judgeReport(revocation: PendingRevocation, circumstances: Circumstances): Progress {
  const { user, state, date } = circumstances;
  const called = latest(state, (one) => (one.state === "closed" && one.detail === wouldRevoke ? one.closedAt : null));
  // In whole seconds, as Graph gives it for a revoke.
  const sessionsValidFrom = Math.floor(called / second) * second;
  if (isSatisfied(revocation, user && { ...user, sessionsValidFrom }))
    return closedAs("reportOnly", date, wouldBeSatisfied);
  if (isHeld(revocation)) return closedAs("reportOnly", date, "wouldBeHeld");
  return awaitAnotherEnd(revocation, circumstances) ?? closedAs("reportOnly", date, wouldRevoke);
}

/** The `detail` of a `reportOnly` outcome: `enforce` would have revoked; would have found the loss satisfied by such a revoke; else, would have held it. */
const wouldRevoke = "wouldRevoke";
export const wouldBeSatisfied = "wouldBeSatisfied";

/**
 * A wait when one call may serve this end and another of the same user that is known to come soon, so that roles ending minutes apart sign a person out
 * once; null otherwise. Ends of tier-zero roles, and of memberships that are privileges themselves, never wait. Pure.
 */
export function awaitAnotherEnd(revocation: PendingRevocation, circumstances: Circumstances): Progress | null {
  const { state, date, policy, timings } = circumstances;
  if (!isRole(revocation) || isTierZero(revocation.roleDefinitionId)) return null;
  const deadline = revocation.lastHeld + policy.coalesceWithin - timings.coalesceMargin;
  if (date >= deadline) return null;
  const awaited = [...state.holdings.values()]
    .filter(({ roleDefinitionId }) => isEnforced(roleDefinitionId, policy.enforcedRoles) === "yes")
    .flatMap((holding) => knownEnd(holding) ?? [])
    .filter((end) => end <= deadline && end + timings.overdueAfter > date);
  // PIM may be late with an end: the wait goes on a little longer, but not for ever.
  const until = Math.min(deadline, Math.max(...awaited) + timings.overdueAfter);
  return awaited.length === 0 ? null : wait(until, "anotherEnd");
}

/** A wait for an earlier call for this user that may have served this end, too; null otherwise. */
function awaitEarlierCall({ cutOff }: PendingRevocation, circumstances: Circumstances): Progress | null {
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
    return wait(date + Math.max(left, timings.retryEvery), "attempt");
  }
  const uncertain = attempt?.state === "uncertain" ? (attempt.uncertainSince ?? date) : Number.NEGATIVE_INFINITY;
  return uncertain >= cutOff ? readAgain(uncertain, "uncertain") : null;
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

/**
 * The outcome for a user whom another tenant may sign in; null for all others. Their sessions are cut as well, since every mark of an external user can be
 * changed by somebody; but a read-back proves nothing for them, so the outcome claims no cut.
 */
const notEnforceable = ({ user, state, date }: Circumstances): Closed | null =>
  (user?.external ?? state.head.kind === "externalUser") ? closedAs("notEnforceable", date, "externalUser") : null;

const refusalMark = "refused:";

/** Marks a wait as one that Graph's refusal caused, with Graph's code. */
export const refusedBy = (code: string): string => refusalMark + code;

/** Graph's refusal after which the revocation waits; null when there is none. Only it sets a time before which no call is made. */
function refusal({ progress }: PendingRevocation): { readonly code: string; readonly until: GraphTime } | null {
  if (progress.state !== "pending" || !progress.heldBy?.startsWith(refusalMark)) return null;
  return { code: progress.heldBy.slice(refusalMark.length), until: progress.notBefore ?? 0 };
}
