import type { Unreadable } from "../report.ts";

/** Enough to find what is wrong with an export; a file of another kind must not fill the memory. */
const KEPT = 100;

interface UnreadableCounter {
  /**
   * @param problem never the content: it may name people
   * @param isReporting whether a verdict could have rested on it
   */
  add(file: string, position: string, problem: string, isReporting?: boolean): void;
  /** Adds what another one counted. */
  merge(other: Unreadable): void;
  readonly report: () => Unreadable;
}

/** Counts what could not be read, and keeps the places of the first hundred. */
export function createUnreadable(): UnreadableCounter {
  const places: Unreadable["places"][number][] = [];
  let count = 0;
  let reporting = 0;
  return {
    add(file, position, problem, isReporting = false) {
      count += 1;
      if (isReporting) reporting += 1;
      if (places.length < KEPT) places.push({ file, position, problem });
    },
    merge(other) {
      count += other.count;
      reporting += other.reporting;
      places.push(...other.places.slice(0, KEPT - places.length));
    },
    report: () => ({ count, reporting, places }),
  };
}
