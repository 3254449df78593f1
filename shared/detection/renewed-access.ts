import type { GraphTime } from "../base/clock.ts";
import type { AccessId, GroupAccess, GroupPath } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type Obligation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { samePrivilege } from "../model/privilege.ts";
import type { Timings } from "./timings.ts";

/** Whether PIM for Groups must be asked if somebody is back in a group: only an activation tells that apart from a replica's lag. */
export function needsAccess({ obligations }: PrincipalState, date: number, { lag }: Timings): boolean {
  return [...obligations.values()].some(
    ({ through, progress, cutOff }) =>
      through !== undefined &&
      through.ended !== "role" &&
      (progress.state === "pending" || date - cutOff < lag.staleRow),
  );
}

/** Whether the place in the group through which the privilege was held was taken again, by an activation that began at or after the end. */
export function isRenewed(obligation: Obligation, access: readonly GroupAccess[]): boolean {
  const { planned, endDateTime, cutOff } = obligation;
  const from = planned && endDateTime !== null ? instantMs(endDateTime) : cutOff;
  return rowsOf(obligation, access).some(
    ({ activated, startDateTime }) => activated && startDateTime !== null && instantMs(startDateTime) >= from,
  );
}

/** The rows of the place in the group that ended. */
function rowsOf(obligation: Obligation, access: readonly GroupAccess[]): readonly GroupAccess[] {
  const { through } = obligation;
  if (through === undefined || through.ended === "role" || isRule(obligation)) return [];
  const wanted: AccessId = isRole(obligation) ? "member" : obligation.access;
  return access.filter((row) => row.groupId === through.groupId && row.access === wanted);
}

/**
 * The state with every pending end closed whose place in the group was taken again. What was held for longer than a replica may lag is judged by
 * whatever gives the place now, since no stale row is as old; a role by its paths, since the group may have lost it. The group watches the new one. Pure.
 */
export function closeRenewed(
  state: PrincipalState,
  access: readonly GroupAccess[],
  date: number,
  { lag }: Timings,
): PrincipalState {
  const isTaken = (end: Obligation) => {
    if (date - end.cutOff < lag.staleRow) return isRenewed(end, access);
    return !isRole(end) && rowsOf(end, access).length > 0;
  };
  const renewed = [...state.obligations.values()].filter(
    (obligation) =>
      obligation.progress.state === "pending" && obligation.through?.ended === "access" && isTaken(obligation),
  );
  if (renewed.length === 0) return state;
  const obligations = new Map(state.obligations);
  for (const obligation of renewed) {
    obligations.set(obligation.key, {
      ...obligation,
      progress: {
        state: "closed",
        outcome: "stillHeld",
        closedAt: date,
        acceptedAt: null,
        verified: false,
        detail: null,
      },
    });
  }
  return { ...state, obligations };
}

/** The paths without the stale ones: of a loss through the same group that is so young that a replica may still show it (lag table: staleRow). Pure. */
export function livingPaths(
  paths: readonly GroupPath[],
  { obligations }: PrincipalState,
  access: readonly GroupAccess[],
  date: GraphTime,
  { lag }: Timings,
): readonly GroupPath[] {
  const fresh = [...obligations.values()].filter(({ cutOff }) => date - cutOff < lag.staleRow);
  return paths.filter(
    (path) => !fresh.some((end) => end.through?.groupId === path.groupId && hasEnded(path, end, access)),
  );
}

function hasEnded(path: GroupPath, end: Obligation, access: readonly GroupAccess[]): boolean {
  // An owner holds the group, not what it gives: that end says nothing about their membership.
  if ("access" in end && end.access === "owner") return false;
  if (end.through?.ended === "access") return !isRenewed(end, access);
  // Of the group's role, or of their membership: the member's own pass cannot tell, and in either case the same assignment is stale.
  if (!isRole(end) || !samePrivilege(path, end)) return false;
  if (end.through?.ended === "either" && isRenewed(end, access)) return false;
  return path.roleAssignmentScheduleId === "" || path.startDateTime === end.startDateTime;
}
