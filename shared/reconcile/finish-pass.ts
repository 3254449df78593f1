import type { GraphTime, MonotonicTime } from "../base/clock.ts";
import { evidenceOf, judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import { announcedEnd, type Holding, isTierZero } from "../model/holding.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import { isRole, type Outcome, type PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import {
  announceEnds,
  announceOutcomes,
  endProperties,
  kindOf,
  latencyOf,
  outcomeProperties,
} from "../notify/notice.ts";
import { StorageConflictError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { isKnown } from "./known-heads.ts";
import type { Signal } from "./messages.ts";
import { planStandby, planWake } from "./wake-up.ts";

export interface Pass {
  readonly signal: Signal;
  /** Milliseconds that are left of this invocation. */
  readonly timeLeft: number;
  readonly loaded: LoadedPrincipal;
  /** Our monotonic time when storage's answer came. */
  readonly loadedAt: MonotonicTime;
}

interface Result {
  readonly next: PrincipalState;
  /** Graph's time of the reading, estimated when the reading failed; `at`: our monotonic time at that moment. */
  readonly date: GraphTime;
  readonly at: MonotonicTime;
  /** When the principal must be read next, Graph's time; null when nothing is due. */
  readonly wakeAt: GraphTime | null;
  /** The message that brings the next pass when this invocation does not wait for it. */
  readonly wakeSignal: Signal;
  /** Whether a revoke call or a fan-out follows the commit. If so, this invocation does not wait, and the message repeats that work if the host dies. */
  readonly work: boolean;
  readonly overdue: readonly Holding[];
  /** Whether the reading failed. */
  readonly failed?: boolean;
}

/**
 * The end of every pass: sends the message for the next pass and the standby message, announces outcomes, commits everything in one transaction, and
 * reports it. The messages go out before the commit: one too many costs a read, one too few would miss an end. `leaseFrom`: our monotonic time before the
 * commit, when the lease on the revoke call starts. `wait`: the wait inside this invocation; null when a message or nothing follows. Resolves to null, and
 * commits nothing, when the reading has become too old to act upon. @throws StorageConflictError and StorageUnavailableError
 */
export async function finishPass(
  { signal, timeLeft, loaded, loadedAt }: Pass,
  { next, date, at, wakeAt, wakeSignal, work, overdue, failed = false }: Result,
  dependencies: CoreDependencies,
) {
  const { principals, notices, mailBefore, clock, timings } = dependencies;
  const ms = wakeAt === null ? null : Math.max(0, wakeAt - date - (clock.monotonic() - at));
  const inside = ms !== null && !work && ms <= timings.waitInside && ms < timeLeft;
  const storageNow = loaded.storageTime + clock.monotonic() - loadedAt;
  const plan = { wait: ms, inside, behindCall: work, storageNow, signal: wakeSignal };
  const woken = await planWake(next, plan, dependencies);
  const planned = inside && !failed ? await planStandby(woken, { signal, date, at }, dependencies) : woken;
  const leaseFrom = clock.monotonic();
  // The age counts from before the reading, since a process that froze does not know when the answer came. The message just sent repeats the pass.
  const isTooOld = planned.attempt !== loaded.state.attempt && leaseFrom - loadedAt > timings.readingFor;
  if (work && isTooOld) return null;
  await announceOutcomes(notices, loaded.state, planned);
  await announceEnds(notices, mailBefore, loaded.state, planned, date);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies, loaded.state, committed.state, overdue);
  return { committed, leaseFrom, wait: inside ? { ms, failed } : null };
}

/** Reports to telemetry what a commit changed. Called after the commit: what was not committed did not happen. */
export function reportCommit(
  { telemetry }: Pick<CoreDependencies, "telemetry">,
  before: PrincipalState,
  after: PrincipalState,
  overdue: readonly Holding[],
): void {
  const { principalId } = after;
  const [kindBefore, kind] = [before.head.kind, after.head.kind];
  // For an external user no outcome claims `revoked`. A user who becomes external while holding a privilege may be evading the cut, hence the alarm.
  if (kind !== kindBefore && kindBefore !== "unknown" && before.holdings.size > 0) {
    telemetry.alarm("kindChanged", { principalId, kindBefore, kind });
  }
  for (const holding of after.holdings.values()) {
    reportHolding(telemetry, principalId, before.holdings.get(holding.key), holding);
  }
  for (const holding of overdue) {
    telemetry.alarm("removalOverdue", { principalId, key: holding.key, endDateTime: announcedEnd(holding) });
  }
  for (const revocation of after.revocations.values()) {
    reportRevocation(telemetry, principalId, before.revocations.get(revocation.key), revocation);
  }
}

function reportHolding(telemetry: Telemetry, principalId: string, known: Holding | undefined, holding: Holding): void {
  const { key, roleDefinitionId, directoryScopeId, absence, sources } = holding;
  const endDateTime = announcedEnd(holding);
  if (known === undefined) {
    telemetry.event("holdingBegan", { principalId, key, roleDefinitionId, directoryScopeId, endDateTime });
    return;
  }
  if (announcedEnd(known) !== endDateTime) telemetry.event("endMoved", { principalId, key, endDateTime });
  const verdict = judge(evidenceOf(holding, lag), lag);
  if (verdict.is === "doubtful" && known.absence?.since !== absence?.since) {
    telemetry.event("doubtful", { principalId, key, rule: verdict.rule, until: new Date(verdict.until).toISOString() });
  }
  const ended = (one: Holding) => one.sources.filter(({ leftList }) => leftList !== null).length;
  if (absence === null && ended(holding) > ended(known))
    telemetry.event("sourceEnded", { principalId, key, sources: sources.length - ended(holding) });
}

function reportRevocation(
  telemetry: Telemetry,
  principalId: string,
  known: PendingRevocation | undefined,
  revocation: PendingRevocation,
): void {
  if (known === revocation) return;
  const { key, progress, planned, threshold } = revocation;
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
const tries = 5;

/**
 * Loads a principal, applies `change`, and commits the result, without a read of Graph; again when another instance commits first. Resolves to the stored
 * state. @throws StorageConflictError after five tries, StorageRowError, and StorageUnavailableError
 */
export async function changePrincipal(
  principalId: string,
  change: (loaded: LoadedPrincipal) => PrincipalState,
  dependencies: Pick<CoreDependencies, "principals" | "state" | "telemetry">,
): Promise<PrincipalState> {
  const { principals } = dependencies;
  for (let left = tries - 1; ; left -= 1) {
    try {
      const loaded = await loadForChange(principalId, dependencies);
      const next = change(loaded);
      if (next === loaded.state) return next;
      const committed = await commitPrincipal(principals, loaded, next);
      reportCommit(dependencies, loaded.state, committed.state, []);
      return committed.state;
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left === 0) throw error;
    }
  }
}

/**
 * Loads a principal for a change. The rows of a known principal never go by themselves: where there are none, somebody deleted them all, and the head
 * that is written now says so, since the next resync would find it and miss nothing. @throws the errors of storage
 */
export async function loadForChange(
  principalId: string,
  { principals, state }: Pick<CoreDependencies, "principals" | "state">,
): Promise<LoadedPrincipal> {
  const loaded = await loadPrincipal(principals, principalId);
  if (loaded.etags.size > 0) return loaded;
  if (!(await isKnown(principalId, state))) return loaded;
  return { ...loaded, state: { ...loaded.state, head: { ...loaded.state.head, incomplete: true } } };
}
