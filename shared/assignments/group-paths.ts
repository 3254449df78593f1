import type { GroupPath } from "../graph/graph.ts";
import { rowKey } from "../storage/document-keys.ts";
import { covers, privilegeOf } from "./privilege.ts";
import type { Watch } from "./watch.ts";

/** Roles for which the user's groups must be read: a role that is ending with nothing else to hold it, and every path that is watched. */
export function findPathNeeds(ending: readonly Watch[], staying: readonly Watch[], isUser: boolean): readonly string[] {
  if (!isUser) return [];
  const unheld = ending.filter((watch) => !staying.some((other) => covers(other, watch)));
  const watched = [...ending, ...staying].filter(({ source }) => source === "groupPath");
  return [...new Set([...unheld, ...watched].map(({ roleDefinitionId }) => roleDefinitionId))];
}

/**
 * A path keeps an ending privilege alive only if its own end is watched from the same commit on:
 * the watches to add for the paths that cover an ending privilege and are not watched yet.
 */
export function watchPaths(
  paths: readonly GroupPath[],
  ending: readonly Watch[],
  staying: readonly Watch[],
  date: number,
): readonly Watch[] {
  const saving = paths.filter((path) =>
    ending.some((watch) => covers(path, watch) && !staying.some((other) => covers(other, watch))),
  );
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
  generation: 0,
  firstSeen: date,
  absence: null,
  overdueRaised: false,
});
