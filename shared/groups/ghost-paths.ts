import type { PrincipalState } from "../assignments/principal-state.ts";
import { samePrivilege } from "../assignments/privilege.ts";
import type { Timings } from "../assignments/timings.ts";
import type { GroupPath, RoleInstance, RolePrivilege } from "../graph/graph.ts";
import type { GroupAccess } from "../graph/group-graph.ts";
import { isRole, type Obligation } from "../revocation/obligation.ts";
import { isRenewed } from "./renewed-access.ts";

/**
 * The paths without those whose end is established: a lagging replica may show them for a while, and nothing that ended saves what ended.
 * Pure.
 */
export function livingPaths(
  paths: readonly GroupPath[],
  state: PrincipalState,
  access: readonly GroupAccess[],
  date: number,
  timings: Timings,
): readonly GroupPath[] {
  const fresh = freshEnds(state, date, timings);
  return paths.filter(
    (path) => !fresh.some((end) => end.through?.groupId === path.groupId && hasEnded(path, end, access)),
  );
}

/** The same for rows that Graph lists of a member when a group holds a role, should it do so: they do not tell which group. */
export function livingInstances(
  instances: readonly RoleInstance[],
  state: PrincipalState,
  access: readonly GroupAccess[],
  date: number,
  timings: Timings,
): readonly RoleInstance[] {
  const fresh = freshEnds(state, date, timings);
  if (fresh.length === 0) return instances;
  return instances.filter((row) => row.memberType !== "Group" || !fresh.some((end) => hasEnded(row, end, access)));
}

const freshEnds = ({ obligations }: PrincipalState, date: number, { ghostFor }: Timings): readonly Obligation[] =>
  [...obligations.values()].filter(({ through, cutOff }) => through !== undefined && date - cutOff < ghostFor);

type Held = RolePrivilege & Pick<GroupPath, "startDateTime" | "roleAssignmentScheduleId">;

function hasEnded(held: Held, end: Obligation, access: readonly GroupAccess[]): boolean {
  // An owner holds the group, not what it gives: that end says nothing about their membership.
  if ("access" in end && end.access === "owner") return false;
  if (end.through?.ended === "access") {
    const isThroughIt = "groupId" in held || (isRole(end) && samePrivilege(held, end));
    return isThroughIt && !isRenewed(end, access);
  }
  // Of the group's role, or of their place in it: their own look cannot tell, and in either case the same assignment is a ghost.
  if (!isRole(end) || !samePrivilege(held, end)) return false;
  if (end.through?.ended === "either" && isRenewed(end, access)) return false;
  return held.roleAssignmentScheduleId === "" || held.startDateTime === end.startDateTime;
}
