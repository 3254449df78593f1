import { toMessage } from "../assignments/messages.ts";
import { resendNotices } from "../notify/undelivered.ts";
import { loadDeadLetters, removeDeadLetter } from "./dead-letters.ts";
import type { OperationDependencies } from "./operate.ts";
import { sideBySide } from "./side-by-side.ts";

export interface Redriven {
  /** Signals that were sent again. */
  readonly principals: number;
  /** Dead letters that told no principal: there is nothing to send, they are only removed. */
  readonly discarded: number;
  /** Outcomes that are told to the webhook again; only when all is redriven. */
  readonly notices: number;
  /** Parked rows that another version wrote: they stay, and it is for that version to send them again. */
  readonly unreadable: number;
}

/**
 * Sends the signals of dead letters again, of one or of all, and removes the parked rows; sent first, so that a crash repeats and loses nothing.
 * A message that fails again is parked again.
 */
export async function redrive(
  messageId: string | undefined,
  { state, signals, notices }: OperationDependencies,
): Promise<Redriven> {
  const { parked, unreadable } = await loadDeadLetters(state);
  const wanted = parked.filter(({ letter }) => messageId === undefined || letter.messageId === messageId);
  await sideBySide(wanted, async (found) => {
    const { principalId } = found.letter;
    if (principalId !== null) await signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0);
    await removeDeadLetter(state, found);
  });
  const discarded = wanted.filter(({ letter }) => letter.principalId === null).length;
  const resent =
    messageId === undefined && notices !== undefined
      ? await resendNotices(state, notices)
      : { notices: 0, unreadable: 0 };
  return {
    principals: wanted.length - discarded,
    discarded,
    notices: resent.notices,
    unreadable: unreadable + resent.unreadable,
  };
}
