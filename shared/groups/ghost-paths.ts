import { isOwn } from "../assignments/own-rows.ts";
import type { PrincipalState } from "../assignments/principal-state.ts";
import { samePrivilege } from "../assignments/privilege.ts";
import type { Timings } from "../assignments/timings.ts";
import { isOfInherited } from "../assignments/watch-inherited.ts";
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
  return paths.filter((path) => !fresh.some((end) => isOf(path, end) && hasEnded(path, end, access)));
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
  const mayBeOf = ({ memberType }: RoleInstance, { through }: Obligation) =>
    memberType === "Group" || through === undefined;
  const isGhost = (row: RoleInstance) => fresh.some((end) => mayBeOf(row, end) && hasEnded(row, end, access));
  return instances.filter((row) => isOwn(row) || !isGhost(row));
}

const isOf = ({ groupId }: GroupPath, end: Obligation): boolean =>
  end.through?.groupId === groupId || isOfInherited(end);

const freshEnds = ({ obligations }: PrincipalState, date: number, { ghostFor }: Timings): readonly Obligation[] =>
  [...obligations.values()].filter(
    (end) => (end.through !== undefined || isOfInherited(end)) && date - end.cutOff < ghostFor,
  );

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
