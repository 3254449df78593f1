import type { GraphTime } from "../base/clock.ts";
import type { AccessId, GroupAccess, GroupPath } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { samePrivilege } from "../model/privilege.ts";
import type { Timings } from "./timings.ts";

/** Whether PIM for Groups must be read to see if the user is back in a group: only a new activation distinguishes that from a lagging replica. */
export function needsAccess({ revocations }: PrincipalState, date: number, { lag }: Timings): boolean {
  return [...revocations.values()].some(
    ({ through, progress, cutOff }) =>
      through !== undefined &&
      through.ended !== "role" &&
      (progress.state === "pending" || date - cutOff < lag.staleRow),
  );
}

/** Whether the user has activated the lost membership or ownership again, at or after its end. Pure. */
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
 * The state with each pending revocation closed as `stillHeld` whose membership or ownership the user has again; the group watches the new one. Within
 * `staleRow` (lag table) only a new activation proves that; later any row does, but a role's group paths decide, since the group may have lost it. Pure.
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

/** The group paths without stale ones: those that ended with a loss through the same group, less than `staleRow` (lag table) ago. Pure. */
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
  // An owner does not hold the group's roles: the end of an ownership says nothing about the membership.
  if ("access" in end && end.access === "owner") return false;
  if (end.through?.ended === "access") return !isRenewed(end, access);
  // The group's role or the membership ended: the member's own pass cannot distinguish them, and in both cases the same assignment is stale.
  if (!isRole(end) || !samePrivilege(path, end)) return false;
  if (end.through?.ended === "either" && isRenewed(end, access)) return false;
  return path.roleAssignmentScheduleId === "" || path.startDateTime === end.startDateTime;
}
