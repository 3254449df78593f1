import { errandMessage } from "../reconcile/messages.ts";

/** As many messages as are still sent one by one: whoever is told of alone should not wait for a second hop through the queue. */
const fewest = 4;

/** Some 250 bytes each, so that a pack stays well below the 48 KB of a queue message. */
const mostInPack = 64;

/**
 * Messages that are written together, in as few queue messages as may be: a write costs the endpoint more than all else it does for a
 * notification. Whoever takes a pack off the queue sends what is in it. Pure.
 */
export function packMessages(messages: readonly unknown[]): readonly unknown[] {
  if (messages.length <= fewest) return messages;
  const packs: unknown[] = [];
  for (let start = 0; start < messages.length; start += mostInPack) {
    packs.push(errandMessage({ kind: "sendAll", messages: messages.slice(start, start + mostInPack) }));
  }
  return packs;
}
