import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { rowKey } from "../storage/document-keys.ts";
import { covers, privilegeOf } from "./privilege.ts";
import { begunAt, type Watch } from "./watch.ts";

/**
 * A row of another member type than `Direct` explains why a role is held, though its source may be one that we cannot see. Like a group path
 * it keeps a privilege alive only if its own end is watched from the same commit on: the watches to add for the rows that do.
 */
export function watchInherited(
  inherited: readonly RoleInstance[],
  losing: readonly RolePrivilege[],
  staying: readonly Watch[],
  date: number,
): readonly Watch[] {
  const unheld = losing.filter((privilege) => !staying.some((other) => covers(other, privilege)));
  const saving = inherited.filter((row) => unheld.some((privilege) => covers(row, privilege)));
  const watches = saving.map((row) => watchRow(row, date));
  return [...new Map(watches.map((watch) => [watch.key, watch])).values()];
}

/** Its key holds the time it was first watched: such a row has no identity that we know of. */
const watchRow = (row: RoleInstance, date: number): Watch => ({
  ...privilegeOf(row),
  key: rowKey("inherited", row.roleDefinitionId, row.directoryScopeId, row.appScopeId, new Date(date).toISOString()),
  source: "inherited",
  scheduleId: row.roleAssignmentScheduleId,
  groupId: null,
  start: row.startDateTime,
  end: row.endDateTime,
  listedEnd: row.endDateTime,
  activated: false,
  generation: 0,
  ...begunAt(date),
});
