import { alwaysRecorded } from "./always-recorded.ts";
import type { Breach, Evidence } from "./evidence.ts";
import { leftAlone } from "./left-alone.ts";
import { neverMissed } from "./never-missed.ts";
import { neverTwice } from "./never-twice.ts";
import { neverWrongNorEarly } from "./never-wrong.ts";
import { withinLimits } from "./within-limits.ts";

/** The five promises, the limits and Graph's wishes against the tenant's own history. Every breach says which promise, for whom, when and why. */
export function judge(evidence: Evidence): Breach[] {
  return [
    ...neverMissed(evidence),
    ...neverWrongNorEarly(evidence),
    ...withinLimits(evidence),
    ...leftAlone(evidence),
    ...neverTwice(evidence),
    ...alwaysRecorded(evidence),
  ].sort((one, other) => one.at - other.at);
}
