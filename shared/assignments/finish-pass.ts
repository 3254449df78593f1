import type { GraphTime, MonotonicTime } from "../clock.ts";
import type { Holding } from "../detection/holding.ts";
import { announceEnds, announceOutcomes } from "../notify/announce.ts";
import type { NextLook } from "./attend.ts";
import { planBackup } from "./backup.ts";
import { commitPrincipal } from "./commit-principal.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import type { LoadedPrincipal } from "./load-principal.ts";
import type { Signal } from "./messages.ts";
import type { PrincipalState } from "./principal-state.ts";
import { reportCommit } from "./report-commit.ts";
import { planWake } from "./wake.ts";

export interface Pass {
  readonly signal: Signal;
  /** Milliseconds that are left of this invocation. */
  readonly timeLeft: number;
  readonly loaded: LoadedPrincipal;
  /** Our monotonic time when that answer came. */
  readonly loadedAt: MonotonicTime;
}

interface Result {
  readonly next: PrincipalState;
  /** Graph's time of the reading, or an estimate where it failed, and our monotonic time of it. */
  readonly date: GraphTime;
  readonly at: MonotonicTime;
  /** When the principal must be read next, Graph's time; null when there is nothing to wait for. */
  readonly wakeAt: GraphTime | null;
  /** The message by which the next pass comes, should this invocation not wait for it. */
  readonly wakeSignal: Signal;
  /** Work that follows the commit: a call, or a fan-out. Then this invocation does not wait, and the message looks after that work, should the host die. */
  readonly work: boolean;
  readonly overdue: readonly Holding[];
  /** Whether the reading failed. */
  readonly failed?: boolean;
}

export interface Finished {
  readonly committed: LoadedPrincipal;
  /** Our monotonic time before the commit: the lease on the call runs from here. */
  readonly leaseFrom: MonotonicTime;
  /** The wait inside this invocation; null when a message or nothing follows. */
  readonly wait: NextLook | null;
}

/**
 * The tail of every pass: sends the message of the next one and the standby message, announces outcomes, commits everything in one transaction, and
 * reports it. The messages go out before the commit: one too many costs a read, one too few an end. Null when the reading has become too old to act upon:
 * nothing was committed.
 * @throws StorageConflictError and StorageUnavailableError
 */
export async function finishPass(
  { signal, timeLeft, loaded, loadedAt }: Pass,
  { next, date, at, wakeAt, wakeSignal, work, overdue, failed = false }: Result,
  dependencies: CoreDependencies,
): Promise<Finished | null> {
  const { principals, signals, notices, tellBefore, clock, timings, sentWake } = dependencies;
  const wait = wakeAt === null ? null : Math.max(0, wakeAt - date - (clock.monotonic() - at));
  const inside = wait !== null && !work && wait <= timings.waitInside && wait < timeLeft;
  const storageNow = loaded.storageTime + clock.monotonic() - loadedAt;
  const woken = await planWake(signals, next, {
    wait,
    inside,
    sent: sentWake,
    behindCall: work,
    storageNow,
    signal: wakeSignal,
  });
  const planned = failed ? woken : await planBackup(woken, { signal, inside, date, at }, dependencies);
  const leaseFrom = clock.monotonic();
  // Counted from before the reading: a frozen process cannot tell when the answer came. The message that was just sent looks after it.
  const isTooOld = planned.attempt !== loaded.state.attempt && leaseFrom - loadedAt > timings.readingFor;
  if (work && isTooOld) return null;
  await announceOutcomes(notices, loaded.state, planned);
  await announceEnds(notices, tellBefore, loaded.state, planned, date);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies, loaded.state, committed.state, overdue);
  return { committed, leaseFrom, wait: inside ? { ms: wait, failed } : null };
}
