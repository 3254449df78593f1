import type { Evidence, RecordedOutcome, SourceFacts } from "./evidence.ts";
import { calmAfter, isQuiet } from "./known.ts";
import { fanOutBound, minute, second } from "./limits.ts";

/** From the audit log's report of who joined to the last pending revocation that is written without having seen it. */
const fansOutWithin = minute;

/**
 * Why the app had to know, in a quiet time, that this end is not theirs: the audit log showed that they joined the group after its role had ended;
 * or its members could be read between their leaving and the role's coming. Undefined when it could not, or when it is theirs.
 */
export function whyNotTheirs(evidence: Evidence, source: SourceFacts, row: RecordedOutcome): string | undefined {
  const { neverHeld, from } = source;
  if (neverHeld === null) return undefined;
  const { how, at } = neverHeld;
  if (how === "joined") {
    const needed = 2 * evidence.resyncEvery + fanOutBound;
    if (at > calmAfter(evidence, source.forgottenAt ?? at, needed) + needed) {
      return "recorded for somebody who joined long after the app had to know of the end";
    }
    const notifiedAt = at + evidence.auditLag;
    const isReported = row.cutOff < at - second && row.openedAt > notifiedAt + fansOutWithin;
    return isReported && isQuiet(evidence, at, row.openedAt)
      ? "recorded for somebody of whom the audit log showed in time that they joined after the end"
      : undefined;
  }
  const isReadable = row.openedAt > at + fanOutBound && from > at + fanOutBound && isQuiet(evidence, at, from);
  return isReadable ? "recorded for somebody who had been seen to leave before the group had the role" : undefined;
}
