import type { PrincipalState } from "../assignments/principal-state.ts";
import { samePrivilege } from "../assignments/privilege.ts";
import type { Timings } from "../assignments/timings.ts";
import type { GroupPath } from "../graph/graph.ts";
import type { GroupAccess } from "../graph/group-graph.ts";
import { isRole, type Obligation } from "../revocation/obligation.ts";
import { isRenewed } from "./renewed-access.ts";

/**
 * The paths without those whose end is established: a lagging replica may show them for a while, and nothing that ended saves what ended.
 * Pure.
 */
export const livingPaths = (
  paths: readonly GroupPath[],
  { obligations }: PrincipalState,
  access: readonly GroupAccess[],
  date: number,
  { ghostFor }: Timings,
): readonly GroupPath[] => {
  const fresh = [...obligations.values()].filter(({ cutOff }) => date - cutOff < ghostFor);
  return paths.filter((path) => !fresh.some((obligation) => hasEnded(path, obligation, access)));
};

function hasEnded(path: GroupPath, obligation: Obligation, access: readonly GroupAccess[]): boolean {
  const { through } = obligation;
  if (through === undefined || through.groupId !== path.groupId) return false;
  if (through.ended === "access") return !isRenewed(obligation, access);
  if (through.ended !== "role" || !isRole(obligation) || !samePrivilege(obligation, path)) return false;
  return path.roleAssignmentScheduleId === "" || path.startDateTime === obligation.startDateTime;
}
