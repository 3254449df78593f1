import { chunkSize, type Member } from "../model/group.ts";

/** The rows of storage into which new members go, one after the other: first those with room left. Never ends. */
export function* freeChunks(members: Iterable<Member>): Generator<number, never> {
  const held = new Map<number, number>();
  for (const { chunk } of members) held.set(chunk, (held.get(chunk) ?? 0) + 1);
  for (let chunk = 0; ; chunk += 1) {
    for (let count = held.get(chunk) ?? 0; count < chunkSize; count += 1) yield chunk;
  }
}
