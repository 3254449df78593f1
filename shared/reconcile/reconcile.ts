import { countUnread } from "../detection/next-pass.ts";
import { type GraphError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import { headRow, loadPrincipal, rowSchemas } from "../model/load.ts";
import { readListedRow } from "../model/privilege.ts";
import { parseContent } from "../storage/rows.ts";
import { StorageConflictError, StorageRowError, StorageUnavailableError, type Table } from "../storage/table.ts";
import type { CoreDependencies, NextPass } from "./dependencies.ts";
import { finishPass } from "./finish-pass.ts";
import { secondOf } from "./mass-expiry-store.ts";
import { type Signal, toMessage } from "./messages.ts";
import { runPass } from "./pass.ts";
import { isKeptForAnotherHost } from "./wake-up.ts";

/**
 * Reconciles one principal: reads it live, commits what follows, carries out what is due, and makes the next pass while that is only seconds
 * away. Longer waits are left to a queue message. Any number of signals, in any order, on any number of instances, come to the same.
 * `inMassExpiry`: one pass only, since a thousand others wait for theirs. Resolves when nothing is left to do now; throws only what trying again cannot mend (a row or a message of another version).
 */
export async function reconcile(signal: Signal, dependencies: CoreDependencies, inMassExpiry = false): Promise<void> {
  const { clock, policy, timings, waiting } = dependencies;
  if (policy.mode === "off") return;
  if (await isKeptForAnotherHost(signal, dependencies)) return;
  if (!inMassExpiry && (await isAwaitedInMassExpiry(signal, dependencies))) return;
  if (await isReadSince(signal, dependencies.principals)) return;
  const startedAt = clock.monotonic();
  const invocation = { ...dependencies, sentWake: { isSent: false } };
  let waits = false;
  try {
    for (let tries = signal.tries; ; ) {
      const timeLeft = inMassExpiry ? 0 : timings.invocation - (clock.monotonic() - startedAt);
      const wait = await passSafely({ ...signal, tries }, timeLeft, invocation);
      if (wait === null) return;
      tries = wait.failed ? tries + 1 : 0;
      waits = true;
      waiting.add(signal.principalId);
      await clock.sleep(wait.ms);
    }
  } finally {
    // Whoever came and went meanwhile does not take back that somebody else waits.
    if (waits) waiting.delete(signal.principalId);
  }
}

async function passSafely(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextPass | null> {
  const { signals, timings, telemetry, sentWake } = dependencies;
  try {
    return await passOnce(signal, timeLeft, dependencies);
  } catch (error) {
    if (error instanceof StorageConflictError) {
      // Somebody else committed first. Both readings are worthless now. Whoever has sent a message comes back by that: with one more for each
      // try, and a pass for each message, they would become more and more. Else start over, or leave it to a message when time is up.
      if (sentWake?.isSent === true) return null;
      if (timeLeft > 0) return { ms: 0, failed: false };
      await signals.send(toMessage(signal), timings.retryEvery);
      return null;
    }
    if (error instanceof StorageUnavailableError) {
      telemetry.event("storageUnavailable", { principalId: signal.principalId, tries: signal.tries });
      // The same here: the message that was sent, and one more for each failure after it, would become more and more.
      if (sentWake?.isSent === true) return null;
      await signals.send(
        toMessage({ ...signal, tries: signal.tries + 1 }),
        timings.retryEvery * 2 ** Math.min(signal.tries, 5),
      );
      return null;
    }
    throw error;
  }
}

/** What follows from a failed read is committed as well: there, too, somebody else may be first or storage may fail. */
async function passOnce(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextPass | null> {
  try {
    return await runPass(signal, timeLeft, dependencies);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return await afterFailedRead(signal, error, timeLeft, dependencies);
  }
}

/**
 * What follows from a read that failed: nothing about what is held. It is tried again; and when a known end has passed and Graph stays unreadable for
 * minutes, that is raised.
 */
async function afterFailedRead(
  signal: Signal,
  error: GraphError,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextPass | null> {
  const { graphClock, principals, clock, timings, telemetry } = dependencies;
  const { code, status = null, message } = error;
  const properties = { principalId: signal.principalId, code, status, message };
  if (error instanceof GraphRetryableError) telemetry.event("readFailed", properties);
  else telemetry.alarm("readRefused", properties);

  const loaded = await loadPrincipal(principals, signal.principalId);
  const loadedAt = clock.monotonic();
  // Before its first answer this instance does not know Graph's time; storage's is nearer to it than our own clock.
  const date = graphClock.now(loaded.storageTime);
  const isOutage = error instanceof GraphRetryableError && error.reason === "unavailable";
  const next = isOutage ? countUnread(loaded.state, date, loaded.storageTime, timings) : loaded.state;
  if (next.head.unreadable?.raised === true && loaded.state.head.unreadable?.raised !== true) {
    telemetry.alarm("unreadable", properties);
  }
  const finished = await finishPass(
    { signal, timeLeft, loaded, loadedAt },
    {
      next,
      date,
      at: loadedAt,
      wakeAt: date + retryAfter(error, signal.tries, dependencies),
      wakeSignal: { ...signal, tries: signal.tries + 1 },
      work: false,
      overdue: [],
      failed: true,
    },
    dependencies,
  );
  return finished?.wait ?? null;
}

function retryAfter(error: GraphError, tries: number, { timings }: CoreDependencies): number {
  if (!(error instanceof GraphRetryableError)) return timings.holdEvery;
  return error.retryAfter ?? Math.min(timings.retryEvery * 2 ** Math.min(tries, 10), timings.retrySlowly);
}

/** Graph's `Date` is whole seconds, and our estimate of its time is up to one behind. */
const margin = 2000;

/**
 * Whether a group's members have been read since a notification said that they changed. So a burst of notifications about one group is one read: the
 * rest of it finds that done.
 */
export async function isReadSince({ principalId, notifiedAt }: Signal, principals: Table): Promise<boolean> {
  if (notifiedAt === undefined) return false;
  const { value } = await principals.get(principalId, headRow);
  if (value === undefined) return false;
  const readAt = parseContent(value, rowSchemas.head).group?.readAt ?? null;
  return readAt !== null && readAt >= notifiedAt + margin;
}

/**
 * Whether this is a timer of one of very many ends in the same second: the invocation that cuts them all makes the passes, in the order of the mass expiry, and the others
 * need not poll. A thousand timers take seconds to be delivered: those that come after the second would overtake the most privileged.
 * Not when nobody cuts them, when the principal has other work open, or had a pass since the end. The mass expiry only saves reads: when in doubt, every principal gets its own pass.
 */
export async function isAwaitedInMassExpiry(
  { principalId, because }: Signal,
  dependencies: CoreDependencies,
): Promise<boolean> {
  if (because !== "timer") return false;
  const { massExpiries, principals, graphClock, telemetry } = dependencies;
  try {
    const live = await massExpiries(graphClock.now());
    const own = live.filter(({ principals: ids }) => ids.includes(principalId));
    if (own.length === 0) return false;
    const { value: row } = await principals.get(principalId, headRow);
    if (row === undefined) return false;
    const { openSince, listed } = parseContent(row, rowSchemas.head);
    const ends = listed.flatMap((shown) => readListedRow(shown).end ?? []).map(secondOf);
    return openSince === null && own.some(({ second }) => ends.includes(second));
  } catch (error) {
    if (error instanceof StorageUnavailableError) return false;
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: error.row, code: error.code });
    return false;
  }
}
