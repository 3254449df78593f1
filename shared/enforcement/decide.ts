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
} from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { isEnforced, judgeScope, type ResolvedPolicy } from "./policy.ts";
import { needsReview, type Resumption } from "./stop-and-resume.ts";

/** Everything that a decision may depend on. */
export interface Circumstances {
  /** The state after the newest reading. */
  readonly state: PrincipalState;
  /** Null when Graph answered 404. */
  readonly user: UserReading | null;
  /** Graph's time of that reading, epoch milliseconds. */
  readonly date: number;
  /** Storage's time when the state was loaded, epoch milliseconds. */
  readonly storageTime: number;
  /** Storage's time before which Graph wants no further revoke of this tenant. */
  readonly throttledUntil: number | null;
  /** The emergency stop, by setting or by operator. */
  readonly stopped: boolean;
  /** When revoking last began again after a stop, `off` or `reportOnly`; null when it was never interrupted. */
  readonly resumption: Resumption | null;
  readonly policy: ResolvedPolicy;
  readonly timings: Timings;
}

export type Decision =
  | { readonly do: "close"; readonly outcome: Outcome; readonly verified?: boolean; readonly detail?: string }
  | { readonly do: "wait"; readonly until: number; readonly heldBy: string }
  | { readonly do: "revoke" };

/** What to do about one open pending revocation. Pure. */
export function decide(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const { progress } = revocation;
  if (progress.state === "accepted") return readBack(revocation, progress.acceptedAt, circumstances);
  const { date, policy, user } = circumstances;
  if (isSatisfied(revocation, user) && isCovered(revocation, circumstances.state)) {
    return notEnforceable(user) ?? { do: "close", outcome: "revoked", verified: true };
  }
  const held = isStillHeld(revocation, circumstances.state);
  if (held === "yes") return { do: "close", outcome: "stillHeld" };
  if (held === "doubtful") return { do: "wait", until: date + circumstances.timings.passSlowly, heldBy: "doubtful" };
  if (date - revocation.lastHeld > policy.staleAfter) {
    // After an outage another pass may find soon that a group gave the privilege for longer.
    const until = revocation.foundAt + circumstances.timings.lag.ownAndGroup;
    if (date < until) return { do: "wait", until, heldBy: "doubtful" };
    const refused = progress.state === "pending" ? refusal(progress.heldBy) : null;
    return refused === null ? { do: "close", outcome: "stale" } : { do: "close", outcome: "failed", detail: refused };
  }
  return judgePrincipal(revocation, circumstances) ?? judgeMoment(revocation, circumstances);
}

function readBack(revocation: PendingRevocation, acceptedAt: number, { user, date, timings }: Circumstances): Decision {
  const external = notEnforceable(user);
  if (external !== null) return external;
  if (isSatisfied(revocation, user)) return { do: "close", outcome: "revoked", verified: true };
  if (date - acceptedAt >= timings.lag.readBack) return { do: "close", outcome: "revoked", verified: false };
  return { do: "wait", until: soon(acceptedAt, date, timings), heldBy: "readBack" };
}

/** What to do because of who the principal is; null when the app may and can cut their sessions. */
function judgePrincipal(revocation: PendingRevocation, circumstances: Circumstances): Decision | null {
  const { state, user, date, policy, timings } = circumstances;
  const { principalId, head } = state;
  if (user === null) {
    const since = head.missing?.since ?? date;
    const goneAt = since + timings.lag.userMissing;
    if (date < goneAt) return { do: "wait", until: goneAt, heldBy: "missing" };
    if (head.kind === "unknown") return { do: "close", outcome: "notEnforceable", detail: "notAUser" };
    return { do: "close", outcome: "principalGone" };
  }
  const scope = judgeScope(principalId, policy.scope, exemptibleUntil(revocation, circumstances));
  if (scope === "excluded") return { do: "close", outcome: "excluded" };
  if (scope === "out") return { do: "close", outcome: "outOfScope" };
  if (scope === "unknown") return { do: "wait", until: date + timings.holdEvery, heldBy: "scope" };
  const enforced = isRole(revocation) ? isEnforced(revocation.roleDefinitionId, policy.enforcedRoles) : "yes";
  if (enforced === "no") return { do: "close", outcome: "outOfScope", detail: "role" };
  if (enforced === "unknown") return { do: "wait", until: date + timings.holdEvery, heldBy: "enforcedRoles" };
  return null;
}

/**
 * Storage's time up to which joining an excluded group exempts the user from this loss: when the privilege was first seen, for one through a group its
 * start where it has one; if no reading saw it, its start, or else its loss. Null = at any time. Pure.
 */
export function exemptibleUntil(
  { key, startDateTime, seenSince, cutOff }: PendingRevocation,
  { state, date, storageTime, policy }: Pick<Circumstances, "state" | "date" | "storageTime" | "policy">,
): StorageTime | null {
  if (policy.lateExemptions === "honour") return null;
  const began = startDateTime === null ? (seenSince ?? cutOff) : instantMs(startDateTime);
  return (state.ended.get(key)?.firstSeen ?? began) + storageTime - date;
}

/** Whether to revoke now, given that this principal's sessions may be cut. */
function judgeMoment(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const { user, date, storageTime, throttledUntil, policy, stopped, timings, state } = circumstances;
  if (isSatisfied(revocation, user)) return notEnforceable(user) ?? { do: "close", outcome: "alreadySatisfied" };
  if (stopped) return { do: "wait", until: date + timings.holdEvery, heldBy: "stopped" };
  if (policy.mode !== "enforce") return judgeReport(revocation, circumstances);
  if (needsReview(revocation, circumstances)) {
    return { do: "wait", until: nextHeldPass(revocation, circumstances), heldBy: heldForReview };
  }
  if (isHeld(revocation))
    return { do: "wait", until: nextHeldPass(revocation, circumstances), heldBy: heldByThreshold };
  const coalescing = waitForAnother(revocation, circumstances);
  if (coalescing !== null) return coalescing;
  const { progress } = revocation;
  if (
    progress.state === "pending" &&
    progress.notBefore !== null &&
    progress.notBefore > date &&
    isDelayed(progress.heldBy)
  ) {
    return { do: "wait", until: progress.notBefore, heldBy: progress.heldBy ?? "delayed" };
  }
  if (throttledUntil !== null && throttledUntil > storageTime) {
    return { do: "wait", until: date + throttledUntil - storageTime, heldBy: "throttled" };
  }
  const accepted = lastAccepted(state);
  if (accepted !== null && accepted >= revocation.cutOff && date - accepted < timings.lag.sessionsLag) {
    // A call for another end of this user was accepted after this cut-off: a lagging replica must not cause a second call.
    return {
      do: "wait",
      until: Math.min(accepted + timings.lag.sessionsLag, date + timings.readBackEvery),
      heldBy: "readBack",
    };
  }
  const { attempt } = state;
  if (attempt?.state === "open") {
    const left = (attempt.writtenAt ?? storageTime) + timings.leaseFor - storageTime;
    return { do: "wait", until: date + Math.max(left, timings.passLess), heldBy: "attempt" };
  }
  if (attempt?.state === "uncertain" && attempt.covers.includes(revocation.key)) {
    const repeatAt = (attempt.uncertainSince ?? date) + timings.lag.sessionsLag;
    if (date < repeatAt)
      return { do: "wait", until: Math.min(repeatAt, date + timings.readBackEvery), heldBy: "uncertain" };
  }
  return { do: "revoke" };
}

/** Records what `enforce` would do now instead of doing it. A call that `enforce` would have made counts for all that it would have satisfied. */
function judgeReport(revocation: PendingRevocation, circumstances: Circumstances): Decision {
  const report = (detail: string): Decision => ({ do: "close", outcome: "reportOnly", detail });
  const { user, state } = circumstances;
  const external = notEnforceable(user);
  if (external !== null) return external;
  const sessionsValidFrom = lastWouldBeCut(state);
  if (user !== null && isSatisfied(revocation, { ...user, sessionsValidFrom })) {
    return report(wouldBeSatisfied);
  }
  if (isHeld(revocation)) return report(wouldBeHeld);
  return waitForAnother(revocation, circumstances) ?? report(wouldRevoke);
}

/** A wait when one call may serve this end and another of the same user that is known to come soon; null otherwise. */
function waitForAnother(
  revocation: PendingRevocation,
  { state, date, policy, timings }: Circumstances,
): Decision | null {
  const others = [...state.holdings.values()].filter(
    ({ roleDefinitionId }) => isEnforced(roleDefinitionId, policy.enforcedRoles) === "yes",
  );
  const ends = others.map(knownEnd);
  const until = coalesceUntil(revocation, ends, date, policy.coalesceWithin, timings);
  return until === null ? null : { do: "wait", until, heldBy: "anotherEnd" };
}

/** Graph's time of the next pass over a held revocation. Audit rows come within minutes, operators later: the wait doubles, up to ten times `holdEvery`. */
const nextHeldPass = ({ foundAt }: PendingRevocation, { date, timings: { holdEvery } }: Circumstances): number =>
  date + Math.min(Math.max(date - foundAt, holdEvery), 10 * holdEvery);

/** Whether sessions are valid only from the cut-off on, by a revoke later than the value read in the first answer of the absence. Pure. */
export const isSatisfied = (
  { cutOff, sessionsValidFromBefore }: PendingRevocation,
  user: UserReading | null,
): boolean =>
  user !== null &&
  user.sessionsValidFrom !== null &&
  user.sessionsValidFrom >= cutOff &&
  (sessionsValidFromBefore === null || user.sessionsValidFrom > sessionsValidFromBefore);

/**
 * The outcome for a user whom another tenant may sign in; null for all others. Their sessions are cut as well, since every mark of an external user can be
 * changed by somebody; but a read-back proves nothing for them, so the outcome claims no cut.
 */
const notEnforceable = (user: UserReading | null): Decision | null =>
  user?.external ? { do: "close", outcome: "notEnforceable", detail: "externalUser" } : null;

function lastAccepted({ revocations }: PrincipalState): number | null {
  const times = [...revocations.values()].flatMap(({ progress }) =>
    progress.state === "pending" ? [] : (progress.acceptedAt ?? []),
  );
  return times.length === 0 ? null : Math.max(...times);
}

const isCovered = ({ key }: PendingRevocation, { attempt }: PrincipalState): boolean =>
  attempt !== null && attempt.state !== "refused" && attempt.covers.includes(key);

const refusalMark = "refused:";

/** Marks a wait as one that Graph's refusal caused, with Graph's code. */
export const refusedBy = (code: string): string => refusalMark + code;

const refusal = (heldBy: string | null): string | null =>
  heldBy?.startsWith(refusalMark) ? heldBy.slice(refusalMark.length) : null;

/** Only a refusal sets a time before which the call must not be made; every other wait is judged afresh. */
const isDelayed = (heldBy: string | null): boolean => refusal(heldBy) !== null;

/**
 * Until when the revoke for this end may wait for another known end of the same user, so that roles ending minutes apart sign a person out
 * once; null when it is due. `ends`: the known ends of holdings whose roles are enforced. `within`: the setting, in milliseconds after the end. Ends of
 * tier-zero roles, and of memberships that are privileges themselves, never wait. Graph's times. Pure.
 */
export function coalesceUntil(
  revocation: PendingRevocation,
  ends: readonly (GraphTime | null)[],
  date: number,
  within: number,
  { coalesceMargin, overdueAfter }: Timings,
): number | null {
  if (within === 0 || !isRole(revocation) || isTierZero(revocation.roleDefinitionId)) return null;
  const deadline = revocation.lastHeld + within - coalesceMargin;
  if (date >= deadline) return null;
  // PIM may be late with an end: the wait goes on a little longer, but not for ever.
  const awaited = ends.filter((end) => end !== null).filter((end) => end <= deadline && end + overdueAfter > date);
  return awaited.length === 0 ? null : Math.min(deadline, Math.max(...awaited) + overdueAfter);
}

/**
 * When this user's sessions would have been cut last, had the mode been `enforce`: Graph's time in whole seconds, as Graph gives it for a
 * revoke. Null = never.
 */
function lastWouldBeCut({ revocations }: Pick<PrincipalState, "revocations">): number | null {
  const times = [...revocations.values()].flatMap(({ progress }) =>
    progress.state === "closed" && progress.detail === wouldRevoke ? [progress.closedAt] : [],
  );
  return times.length === 0 ? null : Math.floor(Math.max(...times) / wholeSecond) * wholeSecond;
}

/** Graph's times are whole seconds. */
const wholeSecond = 1000;

/** The `detail` of a `reportOnly` outcome: `enforce` would have revoked; would have found the loss satisfied by such a revoke; would have held it. */
export const wouldRevoke = "wouldRevoke";
export const wouldBeSatisfied = "wouldBeSatisfied";
const wouldBeHeld = "wouldBeHeld";
