import type { GroupPath, RolePrivilege } from "../graph/graph.ts";
import { rowKey } from "../storage/document-keys.ts";
import { covers, privilegeOf } from "./privilege.ts";
import { begunAt, type Watch } from "./watch.ts";

/**
 * Roles for which the user's groups must be read: of a privilege that is being lost with nothing else to hold it, and of every one of
 * `asked`, of whose end the groups tell.
 */
export function findPathNeeds(unheld: readonly RolePrivilege[], asked: readonly Watch[]): readonly string[] {
  return [...new Set([...unheld, ...asked].map(({ roleDefinitionId }) => roleDefinitionId))];
}

/**
 * A path keeps a privilege alive only if its own end is watched from the same commit on: the watches to add for the paths that cover a
 * privilege that nothing else holds.
 */
export function watchPaths(
  paths: readonly GroupPath[],
  unheld: readonly RolePrivilege[],
  date: number,
): readonly Watch[] {
  const saving = paths.filter((path) => unheld.some((privilege) => covers(path, privilege)));
  return saving.map((path) => watchPath(path, date));
}

/** Its key holds the time it was first watched: the same membership may end, begin and end again. */
const watchPath = (path: GroupPath, date: number): Watch => ({
  ...privilegeOf(path),
  key: rowKey(
    "group",
    path.groupId,
    path.roleDefinitionId,
    path.directoryScopeId,
    path.appScopeId,
    new Date(date).toISOString(),
  ),
  source: "groupPath",
  scheduleId: path.roleAssignmentScheduleId,
  groupId: path.groupId,
  start: path.startDateTime,
  end: path.endDateTime,
  listedEnd: path.endDateTime,
  activated: false,
  generation: 0,
  ...begunAt(date),
});
