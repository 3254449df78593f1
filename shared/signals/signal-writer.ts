import type { Clock } from "../base/clock.ts";
import type { Queue } from "../storage/queue-parts.ts";
import { packMessages } from "./pack-messages.ts";

/** A queue message, and what makes another one superfluous. */
export interface Told {
  readonly key: string;
  readonly message: unknown;
}

/** Resolves when for each a message has been persisted after the call. @throws what the queue throws: nothing may be acknowledged then */
export type WriteSignals = (told: readonly Told[]) => Promise<void>;

/** Milliseconds for which writes are gathered before they are made. */
const gatherFor = 20;

interface Gathering {
  readonly messages: Map<string, unknown>;
  readonly written: Promise<void>;
}

/** Gathers what several requests have to write: a burst about one group becomes one message, and all of them wait for it. */
export function createSignalWriter(queue: Queue, clock: Pick<Clock, "sleep">): WriteSignals {
  let gathering: Gathering | null = null;

  const begin = (): Gathering => {
    const messages = new Map<string, unknown>();
    const write = async () => {
      await clock.sleep(gatherFor);
      // Whoever comes from here on needs a write that has not begun.
      gathering = null;
      await Promise.all(packMessages([...messages.values()]).map((message) => queue.send(message, 0)));
    };
    return { messages, written: write() };
  };

  return async (told) => {
    if (told.length === 0) return;
    gathering ??= begin();
    const { messages, written } = gathering;
    for (const { key, message } of told) messages.set(key, message);
    await written;
  };
}
