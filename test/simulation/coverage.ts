import { faultKinds, orders } from "./history.ts";
import type { Tally } from "./world/tally.ts";

const outcomes = [
  "revoked",
  "alreadySatisfied",
  "stillHeld",
  "excluded",
  "outOfScope",
  "reportOnly",
  "notEnforceable",
  "principalGone",
  "stale",
] as const;

const thresholdMarks = ["admitted", "held", "released", "corroborated"] as const;

/** Below this a fault or an outcome may be missing by mere chance. */
const enough = 500;

/** What a run of this size should have met and did not: faults that never struck, outcomes that never came. */
export function missingFrom(tally: Tally, played: number): string[] {
  if (played < enough) return [];
  const wanted = [
    ...faultKinds.map((kind) => `fault ${kind}`),
    ...outcomes.map((outcome) => `outcome ${outcome}`),
    ...orders.map((order) => `order ${order}`),
    ...thresholdMarks.map((mark) => `threshold ${mark}`),
    "signal",
    "signal about a group",
    "fan-out",
    "standby message of a wait",
    "signal by Graph",
    "forged report",
  ];
  return wanted.filter((what) => tally.of(what) === 0);
}
