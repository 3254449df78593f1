import { listedRows } from "../../../shared/assignments/listed-rows.ts";
import { emptyHead, emptyState, type PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { assignmentKey, begunAt } from "../../../shared/assignments/watch.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";

/** What the app has stored of a user with one role, after its first look at `date`. The bench's first resync tells whether that is so. */
export function watched(row: RoleInstance, date: number): PrincipalState {
  const { roleDefinitionId, directoryScopeId, appScopeId, roleAssignmentScheduleId: scheduleId } = row;
  const { startDateTime: start, endDateTime: end } = row;
  const key = assignmentKey({ scheduleId, start }, 0);
  const watch = { roleDefinitionId, directoryScopeId, appScopeId, key, scheduleId, start, end, listedEnd: end };
  return {
    ...emptyState(row.principalId),
    head: { ...emptyHead, kind: "user", listed: listedRows([row]), wakeAt: end === null ? null : Date.parse(end) },
    watches: new Map([
      [key, { ...watch, source: "schedule", groupId: null, activated: false, generation: 0, ...begunAt(date) }],
    ]),
  };
}
