import type { GraphTime } from "../base/clock.ts";
import type { AccessId, GroupAccess, GroupPath } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { samePrivilege } from "../model/privilege.ts";
import type { Timings } from "./timings.ts";

/** Whether PIM for Groups must be asked if somebody is back in a group: only an activation distinguishes that from a replica's lag. */
export function needsAccess({ revocations }: PrincipalState, date: number, { lag }: Timings): boolean {
  return [...revocations.values()].some(
    ({ through, progress, cutOff }) =>
      through !== undefined &&
      through.ended !== "role" &&
      (progress.state === "pending" || date - cutOff < lag.staleRow),
  );
}

/** Whether the membership or ownership through which the privilege was held was taken again, by an activation that began at or after the end. */
export function isRenewed(revocation: PendingRevocation, access: readonly GroupAccess[]): boolean {
  const { planned, endDateTime, cutOff } = revocation;
  const from = planned && endDateTime !== null ? instantMs(endDateTime) : cutOff;
  return rowsOf(revocation, access).some(
    ({ activated, startDateTime }) => activated && startDateTime !== null && instantMs(startDateTime) >= from,
  );
}

/** The rows of the membership or ownership that ended. */
function rowsOf(revocation: PendingRevocation, access: readonly GroupAccess[]): readonly GroupAccess[] {
  const { through } = revocation;
  if (through === undefined || through.ended === "role" || isRule(revocation)) return [];
  const wanted: AccessId = isRole(revocation) ? "member" : revocation.access;
  return access.filter((row) => row.groupId === through.groupId && row.access === wanted);
}

/**
 * The state with every pending end closed whose membership or ownership was taken again. What was held for longer than a replica may lag is judged by
 * whatever gives the membership now, since no stale row is as old; a role by its paths, since the group may have lost it. The group watches the new one. Pure.
 */
export function closeRenewed(
  state: PrincipalState,
  access: readonly GroupAccess[],
  date: number,
  { lag }: Timings,
): PrincipalState {
  const isTaken = (end: PendingRevocation) => {
    if (date - end.cutOff < lag.staleRow) return isRenewed(end, access);
    return !isRole(end) && rowsOf(end, access).length > 0;
  };
  const renewed = [...state.revocations.values()].filter(
    (revocation) =>
      revocation.progress.state === "pending" && revocation.through?.ended === "access" && isTaken(revocation),
  );
  if (renewed.length === 0) return state;
  const revocations = new Map(state.revocations);
  for (const revocation of renewed) {
    revocations.set(revocation.key, {
      ...revocation,
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
  return { ...state, revocations };
}

/** The paths without the stale ones: of a loss through the same group that is so young that a replica may still show it (lag table: staleRow). Pure. */
export function withoutStalePaths(
  paths: readonly GroupPath[],
  { revocations }: PrincipalState,
  access: readonly GroupAccess[],
  date: GraphTime,
  { lag }: Timings,
): readonly GroupPath[] {
  const fresh = [...revocations.values()].filter(({ cutOff }) => date - cutOff < lag.staleRow);
  return paths.filter(
    (path) => !fresh.some((end) => end.through?.groupId === path.groupId && hasEnded(path, end, access)),
  );
}

function hasEnded(path: GroupPath, end: PendingRevocation, access: readonly GroupAccess[]): boolean {
  // An owner holds the group, not what it gives: that end says nothing about their membership.
  if ("access" in end && end.access === "owner") return false;
  if (end.through?.ended === "access") return !isRenewed(end, access);
  // Of the group's role, or of their membership: the member's own pass cannot distinguish them, and in either case the same assignment is stale.
  if (!isRole(end) || !samePrivilege(path, end)) return false;
  if (end.through?.ended === "either" && isRenewed(end, access)) return false;
  return path.roleAssignmentScheduleId === "" || path.startDateTime === end.startDateTime;
}
