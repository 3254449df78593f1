import type { PrincipalReading } from "../graph/graph.ts";
import { isPlanned } from "./absence.ts";
import type { Ghost } from "./live-rows.ts";
import { covers, samePrivilege } from "./privilege.ts";
import type { Timings } from "./timings.ts";
import type { Watch } from "./watch.ts";

/** The watch with what an answer of `date` says of its row in the list: since when the row has not been shown, and since when without a gap. */
export const noteListing = (watch: Watch, isListed: boolean, date: number, timings: Timings): Watch => {
  if (isListed) return watch.unlistedSince === null ? watch : { ...watch, unlistedSince: null, hidden: null };
  const { unlistedSince, hidden } = watch;
  // After minutes without an answer it may have been shown meanwhile.
  const isUnbroken = hidden !== null && date - hidden.last <= timings.runGap;
  return {
    ...watch,
    unlistedSince: unlistedSince ?? date,
    hidden: { since: isUnbroken ? hidden.since : date, last: date },
  };
};

/**
 * The list alone may hide a row for minutes. If that began before the known end, or nobody looked in the last seconds before it, it proves
 * nothing while the directory still has the role, even if another assignment explains that and even once the end has come: it may have been
 * extended unseen. Nothing is lost meanwhile, and once the directory drops the role both are judged.
 */
export function isHidden(
  watch: Watch,
  directory: PrincipalReading["directory"],
  date: number,
  timings: Timings,
): boolean {
  const { unlistedSince, seenToEnd } = watch;
  if (unlistedSince === null || (seenToEnd && isPlanned(watch, unlistedSince))) return false;
  return isDeniedByListAlone(watch, directory, date, timings);
}

/** Whether no more than the list, which may be wrong for minutes, says that the role is gone: the directory has it, from this row or another. */
export const isDeniedByListAlone = (
  watch: Watch,
  directory: PrincipalReading["directory"],
  date: number,
  timings: Timings,
): boolean => mayBeHidden(watch, date, timings) && directory.some((row) => samePrivilege(row, watch));

/**
 * Whether the list shows an assignment again whose end it alone had told, maybe too soon. While it does, nothing that this one covers is over: a
 * call now might come before the role is really gone. PIM is late with that one, and it is told already.
 */
export const isTakenBack = (watch: Watch, ghosts: readonly Ghost[]): boolean =>
  ghosts.some(({ row, tombstone }) => tombstone.byListAlone === true && covers(row, watch));

/** Whether the list does not show the row for so short a time that it may only hide it. */
export const mayBeHidden = ({ hidden }: Watch, date: number, { ghostFor }: Timings): boolean =>
  hidden !== null && date - hidden.since < ghostFor;
