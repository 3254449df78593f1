import type { RoleInstance } from "../graph/graph.ts";

/**
 * Whether the row is the principal's own assignment, and not one that a group gives them. An activation is its holder's, by whatever group they
 * were eligible for it: PIM's list of Azure roles has been seen to call such a user's row a group's (observed once, in a public capture of
 * Azure docs: roleAssignmentScheduleInstances); how the list of directory roles calls it is documented nowhere.
 */
export const isOwn = ({ memberType, assignmentType }: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  memberType === "Direct" || assignmentType === "Activated";

/**
 * Whether the row may be what the directory's row of the principal stands for. The directory names the group, not its members, as the principal
 * of a group's assignment (Graph reference: list transitiveRoleAssignments).
 */
export const isInDirectory = (row: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  isOwn(row) || row.memberType !== "Group";
