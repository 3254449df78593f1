import { samePrivilege } from "../assignments/privilege.ts";
import type { GraphTime } from "../base/clock.ts";
import { isRenewed } from "../detection/renewed-access.ts";
import type { Timings } from "../detection/timings.ts";
import type { GroupPath } from "../graph/graph.ts";
import type { GroupAccess } from "../graph/group-graph.ts";
import { isRole, type Obligation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";

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
