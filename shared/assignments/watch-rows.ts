import type { RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instant.ts";
import { rowKey } from "../storage/document-keys.ts";
import type { LiveRow } from "./live-rows.ts";
import { privilegeOf } from "./privilege.ts";
import type { Timings } from "./timings.ts";
import { begunAt, type Watch } from "./watch.ts";

/** The watches with every living row watched, and moved ends taken over. */
export function watchSchedule(
  watches: ReadonlyMap<string, Watch>,
  living: readonly LiveRow[],
  date: number,
  timings: Timings,
): ReadonlyMap<string, Watch> {
  const next = new Map(watches);
  for (const { row, key, generation } of living) {
    const known = next.get(key);
    const watch = known === undefined ? newWatch(row, key, generation, date) : moveEnd(known, row.endDateTime);
    next.set(key, noteLastSeconds(watch, row.endDateTime, date, timings));
  }
  return next;
}

const newWatch = (row: LiveRow["row"], key: string, generation: number, date: number): Watch => ({
  ...privilegeOf(row),
  key,
  source: "schedule",
  scheduleId: row.roleAssignmentScheduleId,
  groupId: null,
  start: row.startDateTime,
  end: row.endDateTime,
  listedEnd: row.endDateTime,
  activated: row.assignmentType === "Activated",
  generation,
  ...begunAt(date),
});

function moveEnd(watch: Watch, listedEnd: string | null): Watch {
  if (listedEnd === watch.listedEnd) return watch;
  const end = later(watch.end, listedEnd);
  return { ...watch, listedEnd, end, overdueRaised: false, seenToEnd: watch.seenToEnd && end === watch.end };
}

/** From the expiry timer's first look on: an extension is made earlier than in the last seconds. */
function noteLastSeconds(watch: Watch, listedEnd: string | null, date: number, timings: Timings): Watch {
  const isLastMoment = listedEnd !== null && date >= instantMs(listedEnd) - timings.lastSeconds;
  if (watch.seenToEnd || listedEnd !== watch.end || !isLastMoment) return watch;
  return { ...watch, seenToEnd: true };
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return instantMs(b) > instantMs(a) ? b : a;
}

/** The watches with one for each directory row that has proved to be an assignment of its own. */
export function watchDirectory(
  watches: ReadonlyMap<string, Watch>,
  settled: readonly RolePrivilege[],
  date: number,
): ReadonlyMap<string, Watch> {
  if (settled.length === 0) return watches;
  const next = new Map(watches);
  for (const privilege of settled) {
    const watch = directoryWatch(privilege, date);
    const isWatched = [...next.values()].some(
      ({ source, roleDefinitionId, directoryScopeId, appScopeId }) =>
        source === "directory" &&
        roleDefinitionId === privilege.roleDefinitionId &&
        directoryScopeId === privilege.directoryScopeId &&
        appScopeId === privilege.appScopeId,
    );
    if (!isWatched) next.set(watch.key, watch);
  }
  return next;
}

/** Its key holds the time it was first watched: a directory row has no identity of its own that survives a removal. */
const directoryWatch = (privilege: RolePrivilege, date: number): Watch => ({
  ...privilegeOf(privilege),
  key: rowKey(
    "directory",
    privilege.roleDefinitionId,
    privilege.directoryScopeId,
    privilege.appScopeId,
    new Date(date).toISOString(),
  ),
  source: "directory",
  scheduleId: "",
  groupId: null,
  start: null,
  end: null,
  listedEnd: null,
  activated: false,
  generation: 0,
  ...begunAt(date),
});
