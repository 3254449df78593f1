import type { PrincipalState } from "../assignments/principal-state.ts";
import { covers } from "../assignments/privilege.ts";
import type { Watch } from "../assignments/watch.ts";
import { instantMs } from "../graph/instant.ts";
import type { Obligation } from "./obligation.ts";

/**
 * Whether the principal still holds the ended privilege: `heldAnotherWay` since before the end, `superseded` by a new activation after it.
 * Only what is watched counts: so the end of whatever holds it now will be noticed as well.
 */
export function heldBy(obligation: Obligation, state: PrincipalState): "heldAnotherWay" | "superseded" | null {
  const holders = [...state.watches.values()].filter(
    (watch) => watch.key !== obligation.key && covers(watch, obligation),
  );
  if (holders.length === 0) return null;
  return holders.every((holder) => isLater(holder, obligation)) ? "superseded" : "heldAnotherWay";
}

function isLater({ source, start, firstSeen }: Watch, obligation: Obligation): boolean {
  const { startDateTime, endDateTime, planned, foundAt, cutOff } = obligation;
  if (start === null) return false;
  if (planned && endDateTime !== null && instantMs(start) >= instantMs(endDateTime)) return true;
  // Paths are read only when an end depends on them: when one was first seen tells nothing about when it began.
  if (source === "groupPath") return !planned && instantMs(start) >= cutOff;
  // Seen for the first time together with, or after, the end: the two were never active side by side.
  return firstSeen >= foundAt && (startDateTime === null || instantMs(start) > instantMs(startDateTime));
}
