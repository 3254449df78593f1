import { countUnread } from "../detection/next-pass.ts";
import { failureOf, type GraphError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import { readListedRow } from "../model/holding.ts";
import { StorageConflictError, StorageUnavailableError, type Table, whereReadable } from "../storage/table.ts";
import type { CoreDependencies, Loaded, NextPass } from "./dependencies.ts";
import { finishPass, loadForChange } from "./finish-pass.ts";
import { loadHead } from "./heads.ts";
import { secondOf } from "./mass-expiry-store.ts";
import { type Signal, toMessage } from "./messages.ts";
import { runPass } from "./pass.ts";
import { isKeptForAnotherHost } from "./wake-up.ts";

/**
 * Reconciles one principal: reads it live, decides, commits, revokes if that is due, and makes the next pass too while that is only seconds away.
 * Longer waits are left to a queue message. The result does not depend on the number or order of signals or instances. Resolves when nothing is left to
 * do now. `inMassExpiry`: one pass only, since others wait for theirs. @throws StorageRowError for a row of another version: trying again cannot mend it
 */
export async function reconcile(signal: Signal, dependencies: CoreDependencies, inMassExpiry = false): Promise<void> {
  const { clock, policy, timings, waiting } = dependencies;
  if (policy.mode === "off") return;
  if (await isKeptForAnotherHost(signal, dependencies)) return;
  if (await isAwaitedInMassExpiry(signal, dependencies)) return;
  if (await isReadSince(signal, dependencies.principals)) return;
  const startedAt = clock.monotonic();
  const invocation = { ...dependencies, sentWake: { isSent: false } };
  let waits = false;
  let last: Loaded | undefined;
  try {
    for (let tries = signal.tries; ; ) {
      const now = clock.monotonic();
      const timeLeft = inMassExpiry ? 0 : timings.invocation - (now - startedAt);
      const kept = last !== undefined && now - last.loadedAt < timings.keptFor ? last : undefined;
      const wait = await passSafely({ ...signal, tries }, timeLeft, { ...invocation, kept });
      if (wait === null) return;
      last = wait.kept;
      tries = wait.failed ? tries + 1 : 0;
      waits = true;
      waiting.add(signal.principalId);
      await clock.sleep(wait.ms);
    }
  } finally {
    // Only an invocation that waited removes the mark; another one may still be waiting.
    if (waits) waiting.delete(signal.principalId);
  }
}

/** A failed read is committed as well, and that commit can fail, too: so this surrounds both. */
async function passSafely(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextPass> {
  const { signals, timings, telemetry, sentWake } = dependencies;
  try {
    return await runPass(signal, timeLeft, dependencies).catch((error: unknown) => {
      if (!isGraphError(error)) throw error;
      return afterFailedRead(signal, error, timeLeft, dependencies);
    });
  } catch (error) {
    const { principalId, tries } = signal;
    const isConflict = error instanceof StorageConflictError;
    if (!isConflict && !(error instanceof StorageUnavailableError)) throw error;
    if (!isConflict) telemetry.event("storageUnavailable", { principalId, tries });
    // A message that has been sent brings the next pass: one more for each try, and a pass for each message, would multiply them.
    if (sentWake?.isSent === true) return null;
    // Another invocation committed first, so both readings are worthless: start over, or send a message when time is up.
    if (isConflict && timeLeft > 0) return { ms: 0, failed: false };
    await signals.send(toMessage({ ...signal, tries: tries + 1 }), timings.retryEvery * 2 ** Math.min(tries, 5));
    return null;
  }
}

/** Nothing follows from a failed read: it is tried again. When Graph stays unreadable for minutes after a known end, an alarm is raised. */
async function afterFailedRead(signal: Signal, error: GraphError, timeLeft: number, dependencies: CoreDependencies) {
  const { graphClock, clock, timings, telemetry } = dependencies;
  const properties = { principalId: signal.principalId, ...failureOf(error) };
  const isRetryable = error instanceof GraphRetryableError;
  if (isRetryable) telemetry.event("readFailed", properties);
  else telemetry.alarm("readRefused", properties);

  const loaded = await loadForChange(signal.principalId, dependencies);
  const at = clock.monotonic();
  // Before Graph's first answer this instance does not know Graph's time; storage's time is nearer to it than our own clock.
  const date = graphClock.now(loaded.storageTime);
  const isOutage = isRetryable && error.reason === "unavailable";
  const next = isOutage ? countUnread(loaded.state, date, loaded.storageTime, timings) : loaded.state;
  if (next.head.unreadable?.raised === true && loaded.state.head.unreadable?.raised !== true) {
    telemetry.alarm("unreadable", properties);
  }
  const backOff = Math.min(timings.retryEvery * 2 ** Math.min(signal.tries, 10), timings.retrySlowly);
  const wakeAt = date + (isRetryable ? (error.retryAfter ?? backOff) : timings.holdEvery);
  const wakeSignal = { ...signal, tries: signal.tries + 1 };
  const pass = { signal, timeLeft, loaded, loadedAt: at };
  return (await finishPass(pass, { next, date, at, wakeAt, wakeSignal, work: false }, dependencies)).wait;
}

/** Milliseconds. Graph's `Date` is whole seconds, and our estimate of Graph's time is up to one second behind. */
const margin = 2000;

/** Whether a group's members have been read since a notification came: a burst of them costs one read. @throws the errors of storage */
export async function isReadSince({ principalId, notifiedAt }: Signal, principals: Table): Promise<boolean> {
  if (notifiedAt === undefined) return false;
  const readAt = (await loadHead(principalId, principals))?.group?.readAt ?? null;
  return readAt !== null && readAt >= notifiedAt + margin;
}

/**
 * Whether this timer belongs to a mass expiry that another invocation cuts. That invocation makes the passes, most privileged first, so this one need
 * not poll. A thousand timers take seconds to be delivered, and those that come after the ends would overtake the most privileged. False when no
 * instance cuts, when the principal has other work open, or had a pass since the end: a mass expiry only saves reads, so in doubt a pass is made.
 */
export async function isAwaitedInMassExpiry(
  { principalId, because }: Signal,
  { massExpiries, principals, graphClock, telemetry }: CoreDependencies,
): Promise<boolean> {
  if (because !== "timer") return false;
  const isAwaited = async () => {
    const live = await massExpiries(graphClock.now());
    const own = live.filter(({ principals: ids }) => ids.includes(principalId));
    const head = own.length === 0 ? null : await loadHead(principalId, principals);
    const ends = head?.openSince === null ? head.listed.flatMap((row) => readListedRow(row).end ?? []) : [];
    return own.some(({ second }) => ends.map(secondOf).includes(second));
  };
  try {
    return (await whereReadable({ principalId }, telemetry, isAwaited)) ?? false;
  } catch (error) {
    if (error instanceof StorageUnavailableError) return false;
    throw error;
  }
}
