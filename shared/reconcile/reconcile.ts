import { isKeptForAnotherHost } from "../assignments/backup.ts";
import { isAwaitedInRush } from "../assignments/is-awaited-in-rush.ts";
import { lookUnread } from "../assignments/look-unread.ts";
import { isGraphError } from "../graph/graph-errors.ts";
import { isReadSince } from "../groups/is-read-since.ts";
import { StorageConflictError, StorageUnavailableError } from "../storage/storage-errors.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { type Signal, toMessage } from "./messages.ts";
import { lookOnce } from "./pass.ts";

/**
 * Reconciles one principal: reads it live, commits what follows, carries out what is due, and looks again while the next look is seconds
 * away. Longer waits are left to a queue message. Any number of signals, in any order, on any number of instances, come to the same.
 * `inRush`: one look only, since a thousand others wait for theirs. Resolves when nothing is left to do now; throws only what trying again cannot mend (a row or a message of another version).
 */
export async function attend(signal: Signal, dependencies: CoreDependencies, inRush = false): Promise<void> {
  const { clock, policy, timings, waiting } = dependencies;
  if (policy.mode === "off") return;
  if (await isKeptForAnotherHost(signal, dependencies)) return;
  if (!inRush && (await isAwaitedInRush(signal, dependencies))) return;
  if (await isReadSince(signal, dependencies.principals)) return;
  const startedAt = clock.monotonic();
  const invocation = { ...dependencies, sentWake: { isSent: false } };
  let waits = false;
  try {
    for (let tries = signal.tries; ; ) {
      const timeLeft = inRush ? 0 : timings.invocation - (clock.monotonic() - startedAt);
      const wait = await lookSafely({ ...signal, tries }, timeLeft, invocation);
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

/** The wait before the next look inside this invocation, or null when it is over. */
export interface NextLook {
  readonly ms: number;
  readonly failed: boolean;
}

async function lookSafely(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextLook | null> {
  const { signals, timings, telemetry, sentWake } = dependencies;
  try {
    return await look(signal, timeLeft, dependencies);
  } catch (error) {
    if (error instanceof StorageConflictError) {
      // Somebody else committed first. Both readings are worthless now. Whoever has sent a message comes back by that: with one more for each
      // try, and a look for each message, they would become more and more. Else start over, or leave it to a message when time is up.
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
async function look(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextLook | null> {
  try {
    return await lookOnce(signal, timeLeft, dependencies);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return await lookUnread(signal, error, timeLeft, dependencies);
  }
}
