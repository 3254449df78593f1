import { awaitedEnds } from "../detection/next-pass.ts";
import type { Timings } from "../detection/timings.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { type Signal, toMessage } from "../reconcile/messages.ts";
import { StorageUnavailableError } from "../storage/storage-errors.ts";

export interface BackupPlan {
  readonly signal: Signal;
  /** True when this invocation itself waits and looks again. */
  readonly inside: boolean;
  /** Graph's time of the reading, and our monotonic time of it. */
  readonly date: number;
  readonly at: number;
}

type Dependencies = Pick<CoreDependencies, "signals" | "sentWake" | "clock" | "timings" | "telemetry">;

/**
 * Whoever waits inside an invocation holds its message hidden, for minutes should its host die: so a second one becomes visible at about the known
 * end that is waited for, whoever gets it looks, and finds it done when nobody died. One for each end: the head keeps for which the last
 * one was sent, and is returned here to be committed. Like the wake message it is sent before the commit.
 */
export async function planBackup(
  state: PrincipalState,
  { signal, inside, date, at }: BackupPlan,
  dependencies: Dependencies,
): Promise<PrincipalState> {
  if (!inside || signal.backup !== undefined) return state;
  const { sentWake, clock, timings } = dependencies;
  const { principalId } = state;
  const end = awaitedEnd(state, date, timings);
  if (end === null) return state;
  // Who starts over because somebody else committed first has sent it already.
  if (sentWake?.backupFor !== end) {
    if (sentWake !== undefined) sentWake.backupFor = end;
    const delay = Math.max(0, end - timings.backupLead - date - (clock.monotonic() - at));
    await send({ principalId, because: "timer", tries: 0, backup: end }, delay, dependencies);
  }
  return { ...state, head: { ...state.head, backupFor: end } };
}

/**
 * Whether this is a backup that came to the very process that waits: that one lives, and would die with it. It goes back for a second, so that
 * another host can find it, until shortly after the end; then it has done its part.
 */
export async function isKeptForAnotherHost(
  { backup, ...signal }: Signal,
  dependencies: Dependencies & Pick<CoreDependencies, "waiting" | "graphClock">,
): Promise<boolean> {
  const { waiting, graphClock, timings } = dependencies;
  if (backup === undefined || !waiting.has(signal.principalId)) return false;
  const isOver = graphClock.now() >= backup + timings.backupUntil;
  if (!isOver) await send({ ...signal, backup }, timings.backupEvery, dependencies);
  return true;
}

/** Tried once: whoever waits goes on waiting, and the resync finds a wake-up that nobody kept. */
async function send(signal: Signal, delay: number, { signals, telemetry }: Dependencies): Promise<void> {
  try {
    await signals.send(toMessage(signal), delay);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    telemetry.event("storageUnavailable", { principalId: signal.principalId, tries: signal.tries });
  }
}

/** The next known end that comes within seconds and has no backup yet, Graph's time; null when there is none. Pure. */
export function awaitedEnd(
  { head: { backupFor = Number.NEGATIVE_INFINITY }, holdings, members }: PrincipalState,
  date: number,
  { lastSeconds }: Timings,
): number | null {
  const ends = [
    ...[...holdings.values()].flatMap((holding) => awaitedEnds(holding, date)),
    ...[...members.values()].flatMap(({ listedEnd }) => (listedEnd === null ? [] : [instantMs(listedEnd)])),
  ].filter((end) => end > Math.max(date, backupFor) && end <= date + lastSeconds);
  return ends.length === 0 ? null : Math.min(...ends);
}
