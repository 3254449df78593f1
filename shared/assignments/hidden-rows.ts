import type { PrincipalReading } from "../graph/graph.ts";
import { isPlanned } from "./absence.ts";
import { samePrivilege } from "./privilege.ts";
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
  return mayBeHidden(watch, date, timings) && directory.some((row) => samePrivilege(row, watch));
}

/** Whether the list does not show the row for so short a time that it may only hide it. */
export const mayBeHidden = ({ hidden }: Watch, date: number, { ghostFor }: Timings): boolean =>
  hidden !== null && date - hidden.since < ghostFor;
