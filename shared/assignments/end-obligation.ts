import { instantMsCeil } from "../graph/instant.ts";
import { pending, type RoleObligation } from "../revocation/obligation.ts";
import { isPlanned } from "./absence.ts";
import { privilegeOf } from "./privilege.ts";
import type { Watch } from "./watch.ts";

/** The obligation that follows from the end of a watch, established by an answer of `date`. */
export function endObligation(watch: Watch, date: number, foundBy: string): RoleObligation {
  const cutOff = watch.absence?.since ?? date;
  const planned = isPlanned(watch, cutOff);
  return {
    ...privilegeOf(watch),
    key: watch.key,
    end: planned ? "expired" : "unknown",
    planned,
    startDateTime: watch.start,
    endDateTime: watch.end,
    // What an administrator assigned may overlap with an activation: the list may have hidden it while the other appeared.
    unseenSince: watch.activated ? (watch.unlistedSince ?? cutOff) : cutOff,
    ...(watch.absence?.after === undefined ? {} : { shownAt: watch.absence.after }),
    cutOff,
    sessionsValidFromBefore: watch.absence?.sessionsValidFrom ?? null,
    lastHeld: planned && watch.end !== null ? instantMsCeil(watch.end) : cutOff,
    confirmed: true,
    foundBy,
    foundAt: date,
    progress: pending,
    ...(watch.groupId === null ? {} : { through: { groupId: watch.groupId, ended: "either" } }),
  };
}
