import type { FaultKind, FaultWindow } from "../history.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** Everything that goes wrong while it is time for it. Every fault that strikes is counted by its kind. */
export interface Faults {
  /** The first of these kinds that strikes now, if any. */
  strike(kinds: readonly FaultKind[], now: number): FaultWindow | undefined;
}

export function createFaults(windows: readonly FaultWindow[], start: number, random: Random, tally: Tally): Faults {
  const absolute = windows.map((window) => ({
    window,
    from: start + window.from,
    to: start + window.from + window.for,
  }));
  return {
    strike(kinds, now) {
      for (const { window, from, to } of absolute) {
        if (now < from || now >= to || !kinds.includes(window.kind) || random() >= window.share) continue;
        tally.add(`fault ${window.kind}`);
        return window;
      }
      return undefined;
    },
  };
}
