import { encodeMessage } from "./queue.ts";
import type { Queue } from "./queue-parts.ts";
import { StorageConflictError } from "./storage-errors.ts";

interface StoredMessage {
  readonly id: string;
  /** Base64, as in Azure. */
  readonly text: string;
  readonly insertedAt: number;
  visibleAt: number;
  dequeueCount: number;
  popReceipt: string;
}

export interface MemoryMessage {
  readonly id: string;
  /** Changes with every receive; only the newest one can delete. */
  readonly popReceipt: string;
  /** The parsed JSON message: a fresh copy. */
  readonly content: unknown;
  /** How often it was received, this time included. */
  readonly dequeueCount: number;
  /** Storage's time, epoch milliseconds. */
  readonly insertedAt: number;
  readonly visibleAt: number;
}

/** The receiving side that the Functions host has in Azure. */
export interface MemoryQueue extends Queue {
  /** Up to `max` visible messages, the longest visible first, hidden for `visibility` milliseconds from now. */
  receive(max: number, visibility: number): readonly MemoryMessage[];
  /** @throws StorageConflictError when it is gone or somebody received it since. */
  delete(message: Pick<MemoryMessage, "id" | "popReceipt">): void;
  /** Every message, hidden ones too, in the order in which they become visible. Changes nothing. */
  peekAll(): readonly MemoryMessage[];
  /** When the next message is or becomes visible, epoch milliseconds; undefined when the queue is empty. */
  nextVisibleAt(): number | undefined;
  purge(): void;
}

/** The in-memory twin of an Azure queue, for the simulation and for unit tests. `now` is storage's time, epoch milliseconds. */
export function createMemoryQueue({ now }: { readonly now: () => number }): MemoryQueue {
  const messages = new Map<string, StoredMessage>();
  let serial = 0;

  // The sort is stable and a Map keeps the order of insertion: messages that become visible together come first in, first out.
  const inOrder = () => [...messages.values()].sort((a, b) => a.visibleAt - b.visibleAt);

  return {
    async send(message, delay) {
      const { text, visibilitySeconds } = encodeMessage(message, delay);
      serial += 1;
      const id = `message-${serial}`;
      const visibleAt = now() + visibilitySeconds * 1000;
      messages.set(id, { id, text, insertedAt: now(), visibleAt, dequeueCount: 0, popReceipt: "" });
    },

    receive(max, visibility) {
      const visible = inOrder().filter(({ visibleAt }) => visibleAt <= now());
      return visible.slice(0, max).map((message) => {
        serial += 1;
        message.popReceipt = `receipt-${serial}`;
        message.dequeueCount += 1;
        message.visibleAt = now() + visibility;
        return toMemoryMessage(message);
      });
    },

    delete({ id, popReceipt }) {
      const message = messages.get(id);
      if (message === undefined || message.dequeueCount === 0 || message.popReceipt !== popReceipt) {
        throw new StorageConflictError(
          "The message is gone or was not received last by this caller: its newest receiver deletes it.",
        );
      }
      messages.delete(id);
    },

    peekAll: () => inOrder().map(toMemoryMessage),
    nextVisibleAt: () => inOrder()[0]?.visibleAt,
    purge: () => messages.clear(),
  };
}

function toMemoryMessage({ text, ...message }: StoredMessage): MemoryMessage {
  return { ...message, content: JSON.parse(Buffer.from(text, "base64").toString()) };
}
