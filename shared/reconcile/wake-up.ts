import { awaitedEnds } from "../detection/next-pass.ts";
import type { Timings } from "../detection/timings.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { PrincipalState } from "../model/principal.ts";
import { maxDelay, type Queue } from "../storage/queue.ts";
import { StorageUnavailableError } from "../storage/table.ts";
import type { CoreDependencies, SentWake } from "./dependencies.ts";
import { type Signal, toMessage } from "./messages.ts";

export interface WakePlan {
  /** Milliseconds from now until the principal's next pass; null when there is nothing to wait for. */
  readonly wait: number | null;
  /** True when this invocation itself waits and makes the next pass. */
  readonly inside: boolean;
  /** Storage's time now, epoch milliseconds; whole seconds are enough. */
  readonly storageNow: number;
  readonly signal: Signal;
  /** Takes note of the message that is sent; absent: nobody asks. */
  readonly sent?: SentWake | undefined;
  /** True when it stands behind a call that this invocation is about to make: whoever loses the commit cannot leave the rest to it. */
  readonly behindCall?: boolean;
}

/** Storage's times are whole seconds, and visibility is rounded up to them. */
const tolerance = 2000;

/** Whoever loses a commit can leave it to a message that comes within this, milliseconds. */
const soon = 30_000;

/**
 * Makes sure that the principal's next pass comes in time, and returns the state with `wakeAt` to commit. At most one message is on its way, and
 * one for long after it: whoever finds a later or an outdated one sends its own. It is sent before the commit: a message too many costs a read, one
 * too few an end. A `wakeAt` in the past says to the resync that the process that should make the pass may be gone.
 */
export async function planWake(
  queue: Queue,
  state: PrincipalState,
  { wait, inside, storageNow, signal, sent, behindCall = false }: WakePlan,
): Promise<PrincipalState> {
  const { wakeAt, laterWakeAt } = state.head;
  if (wait === null) return wakeAt === null ? state : withWake(state, null, storageNow);
  const delay = Math.min(Math.max(wait, 0), maxDelay);
  const planned = storageNow + delay;
  const isComing = (time: number) => time > storageNow + tolerance && time <= planned + tolerance;
  const isEarlyEnough = wakeAt !== null && wakeAt <= planned + tolerance;
  if (isEarlyEnough && (inside || isComing(wakeAt))) return state;
  if (inside) return withWake(state, planned, storageNow);
  // Who starts over because somebody else committed first has sent one already: with one more for each try they would become more and more.
  // The same with an end that is hours away, each time something sooner has been waited for.
  const coming = [sent?.wakeAt, laterWakeAt].filter((time) => time !== undefined).filter(isComing);
  if (coming.length > 0) return withWake(state, Math.max(...coming), storageNow);
  await queue.send(toMessage(signal), delay);
  if (sent !== undefined) {
    sent.wakeAt = planned;
    if (delay <= soon && !behindCall) sent.isSent = true;
  }
  return withWake(state, planned, storageNow);
}

/** Whether the message that should have woken this principal is lost. */
export const isWakeLate = (wakeAt: number | null, storageNow: number, timings: Timings): boolean =>
  wakeAt !== null && storageNow - wakeAt > timings.wakeLate;

/** The state with that time, and with the latest message that comes long after it. */
function withWake(state: PrincipalState, wakeAt: number | null, storageNow: number): PrincipalState {
  const { laterWakeAt: _, ...head } = state.head;
  const known = [state.head.wakeAt, state.head.laterWakeAt].filter((time) => time !== null && time !== undefined);
  const later = Math.max(...known.filter((time) => time > storageNow + soon && time > (wakeAt ?? 0)));
  return { ...state, head: { ...head, wakeAt, ...(Number.isFinite(later) ? { laterWakeAt: later } : {}) } };
}

interface StandbyPlan {
  readonly signal: Signal;
  /** True when this invocation itself waits and makes the next pass. */
  readonly inside: boolean;
  /** Graph's time of the reading, and our monotonic time of it. */
  readonly date: number;
  readonly at: number;
}

type Dependencies = Pick<CoreDependencies, "signals" | "sentWake" | "clock" | "timings" | "telemetry">;

/**
 * An invocation that waits keeps its message invisible, for minutes should its host die. So a second one, the standby message, becomes visible at about the known
 * end that is waited for. The process that gets it makes a pass, and finds the work done when no host died. One for each end: the head keeps for which the last
 * one was sent, and is returned here to be committed. Like the wake message it is sent before the commit.
 */
export async function planStandby(
  state: PrincipalState,
  { signal, inside, date, at }: StandbyPlan,
  dependencies: Dependencies,
): Promise<PrincipalState> {
  if (!inside || signal.standby !== undefined) return state;
  const { sentWake, clock, timings } = dependencies;
  const { principalId } = state;
  const end = awaitedEnd(state, date, timings);
  if (end === null) return state;
  // Who starts over because somebody else committed first has sent it already.
  if (sentWake?.standbyFor !== end) {
    if (sentWake !== undefined) sentWake.standbyFor = end;
    const delay = Math.max(0, end - timings.standbyLead - date - (clock.monotonic() - at));
    await send({ principalId, because: "timer", tries: 0, standby: end }, delay, dependencies);
  }
  return { ...state, head: { ...state.head, standbyFor: end } };
}

/**
 * Whether this is a standby message that came to the very process that waits: it would die together with that process. It goes back for a second, so that
 * another host can find it, until shortly after the end; then it has done its part.
 */
export async function isKeptForAnotherHost(
  { standby, ...signal }: Signal,
  dependencies: Dependencies & Pick<CoreDependencies, "waiting" | "graphClock">,
): Promise<boolean> {
  const { waiting, graphClock, timings } = dependencies;
  if (standby === undefined || !waiting.has(signal.principalId)) return false;
  const isOver = graphClock.now() >= standby + timings.standbyUntil;
  if (!isOver) await send({ ...signal, standby }, timings.standbyEvery, dependencies);
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

/** The next known end that comes within seconds and has no standby message yet, Graph's time; null when there is none. Pure. */
export function awaitedEnd(
  { head: { standbyFor = Number.NEGATIVE_INFINITY }, holdings, members }: PrincipalState,
  date: number,
  { lastSeconds }: Timings,
): number | null {
  const ends = [
    ...[...holdings.values()].flatMap((holding) => awaitedEnds(holding, date)),
    ...[...members.values()].flatMap(({ listedEnd }) => (listedEnd === null ? [] : [instantMs(listedEnd)])),
  ].filter((end) => end > Math.max(date, standbyFor) && end <= date + lastSeconds);
  return ends.length === 0 ? null : Math.min(...ends);
}
