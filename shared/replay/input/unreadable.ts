import type { Unreadable } from "../report.ts";

/** Enough to find what is wrong with an export; a file of another kind must not fill the memory. */
const KEPT = 100;

export interface UnreadableCounter {
  /** @param problem never the content: it may name people */
  add(file: string, position: string, problem: string): void;
  readonly count: () => number;
  readonly report: () => Unreadable;
}

/** Counts what could not be read, and keeps the places of the first hundred. */
export function createUnreadable(): UnreadableCounter {
  const places: Unreadable["places"][number][] = [];
  let count = 0;
  return {
    add(file, position, problem) {
      count += 1;
      if (places.length < KEPT) places.push({ file, position, problem });
    },
    count: () => count,
    report: () => ({ count, places }),
  };
}
