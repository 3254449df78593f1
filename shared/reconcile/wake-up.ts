import { z } from "zod";
import { earliest, type GraphTime, type MonotonicTime, type StorageTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { awaitedEnds } from "../detection/next-pass.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { PrincipalState } from "../model/principal.ts";
import { maxDelay, type Queue } from "../storage/queue.ts";
import { loadRow, StorageRowError, StorageUnavailableError, type Table } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { type Signal, toMessage } from "./messages.ts";

export interface WakePlan {
  /** Milliseconds from now until the principal's next pass; null when there is nothing to wait for. */
  readonly wait: number | null;
  /** This invocation itself waits and makes the next pass. */
  readonly inside: boolean;
  /** The message guards a revoke call or fan-out that follows the commit. It comes too late for an invocation that lost the commit. */
  readonly work: boolean;
  readonly storageNow: StorageTime;
  readonly signal: Signal;
}

/** Milliseconds. Storage's times are whole seconds, and the visibility of a message is rounded up to them. */
const tolerance = 2000;
/** An invocation that loses a commit can leave the pass to a message that comes within this time, milliseconds. */
const soon = 30_000;

/**
 * Makes sure that the principal's next pass comes in time, and returns the state with `wakeAt` to commit. It sends a message unless one is on its way that
 * comes in time. A `wakeAt` in the past shows the resync that the process that should make the pass may be gone. @throws StorageUnavailableError
 */
export async function planWake(
  state: PrincipalState,
  { wait, inside, work, storageNow, signal }: WakePlan,
  { signals, sentWake: sent }: Pick<CoreDependencies, "signals" | "sentWake">,
): Promise<PrincipalState> {
  const { wakeAt, laterWakeAt } = state.head;
  if (wait === null) return wakeAt === null ? state : withWake(state, null, storageNow);
  const delay = Math.min(Math.max(wait, 0), maxDelay);
  const planned = storageNow + delay;
  const isComing = (time: number) => time > storageNow + tolerance && time <= planned + tolerance;
  const isEarlyEnough = wakeAt !== null && wakeAt <= planned + tolerance;
  if (isEarlyEnough && (inside || isComing(wakeAt))) return state;
  if (inside) return withWake(state, planned, storageNow);
  // An invocation that starts over after a lost commit has already sent a message: one more for each try would multiply them. The same holds
  // for an end that is hours away, after each shorter wait in between.
  const coming = [sent?.wakeAt, laterWakeAt].filter((time) => time !== undefined).filter(isComing);
  if (coming.length > 0) return withWake(state, Math.max(...coming), storageNow);
  await signals.send(toMessage(signal), delay);
  if (sent !== undefined) {
    sent.wakeAt = planned;
    if (delay <= soon && !work) sent.isSent = true;
  }
  return withWake(state, planned, storageNow);
}

/** The state with this `wakeAt`, and with the latest other message that comes long after it as `laterWakeAt`. */
function withWake(state: PrincipalState, wakeAt: number | null, storageNow: number): PrincipalState {
  const { laterWakeAt: _, ...head } = state.head;
  const known = [state.head.wakeAt, state.head.laterWakeAt].filter((time) => time !== null && time !== undefined);
  const later = Math.max(...known.filter((time) => time > storageNow + soon && time > (wakeAt ?? 0)));
  return { ...state, head: { ...head, wakeAt, ...(Number.isFinite(later) ? { laterWakeAt: later } : {}) } };
}

/**
 * A waiting invocation keeps its queue message invisible, and for minutes longer if its host dies. So a second message, the standby message, becomes visible
 * at about the awaited end. The process that gets it makes a pass, and finds the work done if no host died. Each end gets one: the head returned here, to be
 * committed, has the end for which the last one was sent. `at`: our monotonic time when the reading came that Graph dates `date`.
 */
export async function planStandby(
  state: PrincipalState,
  { signal, date, at }: { readonly signal: Signal; readonly date: GraphTime; readonly at: MonotonicTime },
  dependencies: CoreDependencies,
): Promise<PrincipalState> {
  const { sentWake, clock, timings } = dependencies;
  const end = awaitedEnd(state, date, timings);
  if (end === null || signal.standby !== undefined) return state;
  // An invocation that starts over after a lost commit has already sent it.
  if (sentWake?.standbyFor !== end) {
    if (sentWake !== undefined) sentWake.standbyFor = end;
    const delay = Math.max(0, end - timings.standbyLead - date - (clock.monotonic() - at));
    await send({ principalId: state.principalId, because: "timer", tries: 0, standby: end }, delay, dependencies);
  }
  return { ...state, head: { ...state.head, standbyFor: end } };
}

/**
 * Whether this is a standby message that reached the very process that waits, where it cannot help if that process dies. It is then sent again, visible
 * a second later, so that another host can get it. Shortly after the end it is dropped.
 */
export async function isKeptForAnotherHost(signal: Signal, dependencies: CoreDependencies): Promise<boolean> {
  const { waiting, graphClock, timings } = dependencies;
  if (signal.standby === undefined || !waiting.has(signal.principalId)) return false;
  const isOver = graphClock.now() >= signal.standby + timings.standbyUntil;
  if (!isOver) await send(signal, timings.standbyEvery, dependencies);
  return true;
}

/** Sends once, without retry: the waiting invocation goes on, and the resync finds a wake-up that was missed. */
async function send(signal: Signal, delay: number, { signals, telemetry }: CoreDependencies): Promise<void> {
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
  date: GraphTime,
  { lastSeconds }: Timings,
): GraphTime | null {
  const ends = [
    ...[...holdings.values()].flatMap((holding) => awaitedEnds(holding, date)),
    ...[...members.values()].flatMap(({ listedEnd }) => (listedEnd === null ? [] : [instantMs(listedEnd)])),
  ];
  return earliest(ends.filter((end) => end > Math.max(date, standbyFor) && end <= date + lastSeconds));
}

/**
 * The heartbeat is a queue message that sends its successor. It drives the resync even if the function's timer stops for good, which has
 * been observed. There is one chain at a time: each message carries a token, and only the newest token counts.
 */
interface HeartbeatDependencies extends Pick<CoreDependencies, "state" | "newId"> {
  readonly heartbeats: Queue;
  /** Milliseconds between two resyncs. */
  readonly resyncEvery: number;
}

const heartbeatSchema = z.object({ v: z.literal(1), token: z.string() });
const heartbeatRow = z.object({ schema: z.literal(1), token: z.string() });
const loadHeartbeat = (state: Table) => loadRow(state, "resync", "heartbeat", heartbeatRow);

/** Resync intervals without a new link after which the next invocation starts the chain anew. */
const overdueAfter = 3;

/** A message in the heartbeat queue is no heartbeat of this version. */
export class HeartbeatError extends Error {
  readonly code = "HEARTBEAT_UNREADABLE";
  override readonly name = "HeartbeatError";
}

/** Takes one link of the chain and sends the next. Resolves to false for a message left over from an older chain. @throws HeartbeatError */
export async function takeHeartbeat(message: unknown, dependencies: HeartbeatDependencies): Promise<boolean> {
  const { data } = heartbeatSchema.safeParse(message);
  if (data === undefined)
    throw new HeartbeatError("A message in the heartbeat queue is not a heartbeat of this version.");
  const { content, save } = await loadHeartbeat(dependencies.state);
  return content?.token === data.token && sendNext(save, dependencies.resyncEvery, dependencies);
}

/**
 * Starts the chain when there is none, or when it has not moved for three intervals. Any invocation may call this; the first one wins. Resolves to
 * whether it started one. A row of another version is left alone and not an error, since the caller's own work must not fail because of it.
 */
export async function reviveHeartbeat(dependencies: HeartbeatDependencies): Promise<boolean> {
  const { state, resyncEvery } = dependencies;
  const loaded = await loadHeartbeat(state).catch((error: unknown) => {
    if (error instanceof StorageRowError) return null;
    throw error;
  });
  if (loaded === null) return false;
  const { writtenAt, storageTime, save } = loaded;
  if (writtenAt !== null && storageTime - writtenAt <= overdueAfter * resyncEvery) return false;
  return sendNext(save, 0, dependencies);
}

type Save = (row: object) => Promise<boolean>;
async function sendNext(save: Save, delay: number, { heartbeats, newId }: HeartbeatDependencies): Promise<boolean> {
  const token = newId();
  if (!(await save({ token }))) return false;
  // A crash right here breaks the chain; three intervals later `reviveHeartbeat` starts it anew.
  await heartbeats.send({ v: 1, token }, delay);
  return true;
}
