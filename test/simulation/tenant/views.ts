import type { DirectoryAssignment, RoleInstance } from "../../../shared/graph/graph.ts";
import type { Random } from "../world/random.ts";
import { type Holding, type View, within } from "./holding.ts";
import { instant, principalId, roleId, scheduleId, scopeOf } from "./ids.ts";

/** What one read of one holding gets to see. `views` says for each replica whether this read finds the row there. */
export function shownIn(holding: Holding, time: number, random: Random): Readonly<Record<View, boolean>> {
  let list = within(holding.shown.list, time);
  let directory = within(holding.shown.directory, time);
  for (const illusion of holding.illusions) {
    if (!within(illusion, time) || random() >= illusion.share) continue;
    const shown = illusion.what === "present";
    if (illusion.view !== "directory") list = shown;
    if (illusion.view !== "list") directory = shown;
  }
  return { list, directory };
}

/** Who holds it, by object id and by the number in the ids of what they hold. */
export interface Owner {
  readonly id: string;
  readonly number: number;
}

const rows = new WeakMap<object, RoleInstance>();

/** The row of `roleAssignmentScheduleInstances` as it reads at `time`. */
export function instanceRow(holding: Holding, owner: Owner, index: number, time: number): RoleInstance {
  const planned = holding.plannedEnds.findLast((announced) => announced.since <= time);
  // One object per announced end: drawn up once, read a thousand times.
  const known = rows.get(planned ?? holding);
  if (known !== undefined) return known;
  const row = Object.freeze(toRow(holding, planned, owner, index));
  rows.set(planned ?? holding, row);
  return row;
}

function toRow(
  holding: Holding,
  planned: Holding["plannedEnds"][number] | undefined,
  owner: Owner,
  index: number,
): RoleInstance {
  const permanent = planned === undefined;
  return {
    principalId: owner.id,
    roleDefinitionId: roleId(holding.role),
    directoryScopeId: scopeOf(holding.scoped),
    appScopeId: "",
    startDateTime: permanent ? null : instant(holding.from),
    endDateTime: permanent ? null : instant(planned.end),
    assignmentType: holding.kind === "activated" ? "Activated" : "Assigned",
    memberType: holding.memberType,
    // A permanent row's schedule id is its instance id, which is the same each time that the role is assigned again.
    roleAssignmentScheduleId: permanent
      ? scheduleId(owner.number, 900 + holding.role * 2 + (holding.scoped ? 1 : 0), 9)
      : scheduleId(owner.number, index, planned.key),
  };
}

const assignments = new WeakMap<Holding, DirectoryAssignment>();

/** The assignment in the directory: drawn up once, as above. */
export function directoryRow(holding: Holding, owner: number): DirectoryAssignment {
  const known = assignments.get(holding);
  if (known !== undefined) return known;
  const row = Object.freeze({
    principalId: principalId(owner),
    roleDefinitionId: roleId(holding.role),
    directoryScopeId: scopeOf(holding.scoped),
    appScopeId: "",
  });
  assignments.set(holding, row);
  return row;
}

export const toDirectoryRow = (row: RoleInstance): DirectoryAssignment => ({
  principalId: row.principalId,
  roleDefinitionId: row.roleDefinitionId,
  directoryScopeId: row.directoryScopeId,
  appScopeId: row.appScopeId,
});
