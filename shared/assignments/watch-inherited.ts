import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { parseRowKey, rowKey } from "../storage/document-keys.ts";
import { covers, privilegeOf, samePrivilege } from "./privilege.ts";
import { begunAt, isOfGroup, type Watch } from "./watch.ts";

/**
 * A row of another member type than `Direct` explains why a role is held, though its source may be one that we cannot see. Like a group path
 * it keeps a privilege alive only if its own end is watched from the same commit on: the watches to add for the rows that do. A row of the
 * very assignment whose end the user's groups told a moment later saves nothing.
 */
export function watchInherited(
  inherited: readonly RoleInstance[],
  unheld: readonly RolePrivilege[],
  ending: readonly Watch[],
  date: number,
): readonly Watch[] {
  const isEnding = (row: RoleInstance) => ending.some((watch) => isSameInherited(watch, row));
  const saving = inherited.filter((row) => unheld.some((privilege) => covers(row, privilege)) && !isEnding(row));
  const watches = saving.map((row) => watchRow(row, date));
  return [...new Map(watches.map((watch) => [watch.key, watch])).values()];
}

const kind = "inherited";

/** Whether this is the end of such a row, which does not tell the group that it comes from. */
export const isOfInherited = ({ key }: Pick<Watch, "key">): boolean => parseRowKey(key)?.[0] === kind;

/** Of a path that only the directory shows the start is not known. */
const isSameInherited = (watch: Watch, row: RoleInstance): boolean =>
  isOfGroup(watch) && samePrivilege(watch, row) && (watch.scheduleId === "" || watch.start === row.startDateTime);

/** Its key holds the time it was first watched: such a row has no identity that we know of. */
const watchRow = (row: RoleInstance, date: number): Watch => ({
  ...privilegeOf(row),
  key: rowKey(kind, row.roleDefinitionId, row.directoryScopeId, row.appScopeId, new Date(date).toISOString()),
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
