import type { GraphTime, MonotonicTime } from "../base/clock.ts";
import { evidenceOf, judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import { announcedEnd, type Holding, isTierZero } from "../model/holding.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import { isRole, type Outcome, type PendingRevocation } from "../model/pending-revocation.ts";
import { type PrincipalState, summarized } from "../model/principal.ts";
import {
  announceEnds,
  announceOutcomes,
  endProperties,
  kindOf,
  latencyOf,
  outcomeProperties,
} from "../notify/notice.ts";
import { retryConflicts, StorageConflictError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies, Loaded } from "./dependencies.ts";
import { isKnown } from "./known-heads.ts";
import type { Signal } from "./messages.ts";
import { planStandby, planWake } from "./wake-up.ts";

export interface Pass extends Loaded {
  readonly signal: Signal;
  /** Milliseconds that are left of this invocation. */
  readonly timeLeft: number;
}

interface Result {
  readonly next: PrincipalState;
  /** Graph's time of the reading, estimated when the reading failed; `at`: our monotonic time at that moment. */
  readonly date: GraphTime;
  readonly at: MonotonicTime;
  /** When the principal must be read next, Graph's time; null when nothing is due. */
  readonly wakeAt: GraphTime | null;
  /** The message that brings the next pass when this invocation does not wait for it. It counts tries only after a failed reading. */
  readonly wakeSignal: Signal;
  /** Whether a revoke call or a fan-out follows the commit. If so, this invocation does not wait, and the message repeats that work if the host dies. */
  readonly work: boolean;
}

/**
 * The end of every pass: sends the message for the next pass and the standby message, announces outcomes, commits everything in one transaction, and
 * reports it. The messages go out before the commit: one too many costs a read, one too few would miss an end. `leaseFrom`: our monotonic time before the
 * commit, when the lease on the revoke call starts. @throws StorageUnavailableError; StorageConflictError: nothing was committed, the pass must start over
 */
export async function finishPass(
  { signal, timeLeft, loaded, loadedAt }: Pass,
  { next, date, at, wakeAt, wakeSignal, work }: Result,
  dependencies: CoreDependencies,
) {
  const { principals, notices, mailBefore, clock, timings } = dependencies;
  const ms = wakeAt === null ? null : Math.max(0, wakeAt - date - (clock.monotonic() - at));
  const inside = ms !== null && !work && ms <= timings.waitInside && ms < timeLeft;
  const storageNow = loaded.storageTime + clock.monotonic() - loadedAt;
  const plan = { wait: ms, inside, work, storageNow, signal: wakeSignal };
  const failed = wakeSignal.tries > 0;
  // A failed read changes no end, so the head needs no new summary.
  const woken = await planWake(failed ? next : summarized(next), plan, dependencies);
  const planned = inside && !failed ? await planStandby(woken, { signal, date, at }, dependencies) : woken;
  const leaseFrom = clock.monotonic();
  // The process may have been frozen: the age counts from before the reading, since nobody knows when the answer came.
  if (work && planned.attempt !== loaded.state.attempt && leaseFrom - loadedAt > timings.readingFor)
    throw new StorageConflictError("The reading has become too old to act upon: nothing was written.");
  await announceOutcomes(notices, loaded.state, planned);
  await announceEnds(notices, mailBefore, loaded.state, planned, date);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies.telemetry, loaded.state, committed.state);
  const kept = committed.etags === loaded.etags ? { kept: { loaded: committed, loadedAt } } : {};
  return { committed, leaseFrom, wait: inside ? { ms, failed, ...kept } : null };
}

/** Reports to telemetry what a commit changed. Called after the commit: what was not committed did not happen. */
export function reportCommit(telemetry: Telemetry, before: PrincipalState, after: PrincipalState): void {
  const { principalId } = after;
  const [kindBefore, kind] = [before.head.kind, after.head.kind];
  // For an external user no outcome claims `revoked`. A user who becomes external while holding a privilege may be evading the cut, hence the alarm.
  if (kind !== kindBefore && kindBefore !== "unknown" && before.holdings.size > 0) {
    telemetry.alarm("kindChanged", { principalId, kindBefore, kind });
  }
  for (const holding of after.holdings.values()) reportHolding(telemetry, before, holding);
  for (const revocation of after.revocations.values()) reportRevocation(telemetry, before, revocation);
}

function reportHolding(telemetry: Telemetry, { principalId, holdings }: PrincipalState, holding: Holding): void {
  const { key, roleDefinitionId, directoryScopeId, absence, sources } = holding;
  const known = holdings.get(key);
  const endDateTime = announcedEnd(holding);
  if (holding.overdueRaised && known?.overdueRaised !== true) {
    telemetry.alarm("removalOverdue", { principalId, key, endDateTime });
  }
  if (known === undefined) {
    telemetry.event("holdingBegan", { principalId, key, roleDefinitionId, directoryScopeId, endDateTime });
    return;
  }
  if (known === holding) return;
  if (announcedEnd(known) !== endDateTime) telemetry.event("endMoved", { principalId, key, endDateTime });
  const verdict = judge(evidenceOf(holding, lag), lag);
  if (verdict.is === "doubtful" && known.absence?.since !== absence?.since) {
    telemetry.event("doubtful", { principalId, key, rule: verdict.rule, until: new Date(verdict.until).toISOString() });
  }
  const ended = (one: Holding) => one.sources.filter(({ leftList }) => leftList !== null).length;
  if (absence === null && ended(holding) > ended(known))
    telemetry.event("sourceEnded", { principalId, key, sources: sources.length - ended(holding) });
}

function reportRevocation(telemetry: Telemetry, before: PrincipalState, revocation: PendingRevocation): void {
  const { principalId } = before;
  const { key, progress, planned, threshold } = revocation;
  const known = before.revocations.get(key);
  if (known === revocation) return;
  const latency = latencyOf(revocation);
  const measure = (name: keyof typeof latency) => {
    const dimensions = { source: revocation.foundBy, kind: kindOf(revocation), end: revocation.end };
    if (latency[name] !== null) telemetry.measure(name, latency[name], dimensions);
  };
  if (known === undefined) {
    telemetry.event("ended", { principalId, key, ...endProperties(revocation) });
    measure("endToDetected");
  }
  if (threshold !== undefined && threshold !== known?.threshold) {
    telemetry.event("threshold", { principalId, key, planned, mark: threshold });
  }
  if (progress.state !== "closed") return;
  const { outcome, detail } = progress;
  const roleDefinitionId = isRole(revocation) ? revocation.roleDefinitionId : null;
  const isNew = known?.progress.state !== "closed";
  // The user's elevated access in Azure remains although the role has ended.
  const staysElevated = revocation.elevated === true && outcome !== "stillHeld";
  if (roleDefinitionId !== null && staysElevated && (isNew || !known.elevated)) {
    telemetry.alarm("elevatedAccessStays", { principalId, key, roleDefinitionId, outcome });
  }
  if (!isNew) return;
  if (roleDefinitionId !== null && isTierZero(roleDefinitionId) && uncut.includes(outcome)) {
    telemetry.alarm("tierZeroNotCut", { principalId, key, roleDefinitionId, outcome, detail });
  }
  telemetry.event("outcome", { principalId, key, ...outcomeProperties(revocation, progress), ...latency });
  measure("endToAccepted");
  measure("endToVerified");
}

/** Outcomes without a revoke although the user lost a privilege: because of the kind of account or because of the settings. */
const uncut: readonly Outcome[] = ["notEnforceable", "excluded", "outOfScope"];

/** Tries to write a partition while other instances write it too. */
export const writeTries = 5;

/**
 * Loads a principal, applies `change`, and commits the result, without a read of Graph; again when another instance commits first. Resolves to the stored
 * state. @throws StorageConflictError after five tries, StorageRowError, and StorageUnavailableError
 */
export const changePrincipal = (
  principalId: string,
  change: (loaded: LoadedPrincipal) => PrincipalState,
  dependencies: Pick<CoreDependencies, "principals" | "state" | "telemetry">,
): Promise<PrincipalState> =>
  retryConflicts(writeTries, async () => {
    const loaded = await loadForChange(principalId, dependencies);
    const next = change(loaded);
    if (next === loaded.state) return next;
    const { state } = await commitPrincipal(dependencies.principals, loaded, summarized(next));
    reportCommit(dependencies.telemetry, loaded.state, state);
    return state;
  });

/**
 * Loads a principal for a change. The rows of a known principal never go by themselves: where there are none, somebody deleted them all, and the head
 * that is written now says so, since the next resync would find it and miss nothing. @throws the errors of storage
 */
export async function loadForChange(
  principalId: string,
  { principals, state }: Pick<CoreDependencies, "principals" | "state">,
): Promise<LoadedPrincipal> {
  const loaded = await loadPrincipal(principals, principalId);
  if (loaded.etags.size > 0 || !(await isKnown(principalId, state))) return loaded;
  return { ...loaded, state: { ...loaded.state, head: { ...loaded.state.head, incomplete: true } } };
}
