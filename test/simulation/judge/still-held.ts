import type { Evidence, PrincipalFacts, RecordedOutcome, SourceFacts } from "./evidence.ts";
import { isUnseen } from "./known.ts";
import { brokenRun, minute, staleView } from "./limits.ts";
import { covers, endOf, samePrivilege } from "./truth.ts";

/**
 * Why it is not true that a source ended while the privilege went on, in words; undefined when it may be. A stale answer may show for minutes what
 * gave it on, and it is believed for as long after that. Which of two ended last nobody could see where an outage hid both ends.
 */
export function whyNotStillHeld(
  evidence: Evidence,
  { sources }: PrincipalFacts,
  row: RecordedOutcome,
): string | undefined {
  const closedAt = row.closedAt ?? row.openedAt;
  const isOf = (source: SourceFacts) => (row.audited ? source.role === row.role : samePrivilege(source, row));
  const over = sources.filter((source) => isOf(source) && seemsOver(source, closedAt));
  if (over.length === 0) return "recorded as still held, but none of its sources had ended";
  const goesOn = over.some((source) =>
    sources.some((other) => {
      if (other === source) return isMoved(source, closedAt);
      if (!(row.audited ? other.role === row.role : covers(other, row)) || other.from > closedAt) return false;
      const isLonger = endOf(other) > endOf(source) || isUnseen(evidence, { from: endOf(other), to: endOf(source) });
      const gaveItOn = other.from <= endOf(source) && isLonger;
      return gaveItOn || shownUntil(other) + staleView + minute >= row.cutOff - brokenRun;
    }),
  );
  return goesOn ? undefined : "recorded as still held, but nothing else gave that privilege";
}

const shownUntil = (source: SourceFacts): number => Math.max(endOf(source), source.forgottenAt ?? 0);

/** Its end has come, or a view has forgotten it, or an extension has replaced its row. */
const seemsOver = (source: SourceFacts, time: number): boolean =>
  (source.firstGoneAt ?? time + 1) <= time || source.announcedEnds.some((end) => end <= time) || isMoved(source, time);

const isMoved = ({ announcedAt, from }: SourceFacts, time: number): boolean =>
  announcedAt > from && announcedAt <= time;
