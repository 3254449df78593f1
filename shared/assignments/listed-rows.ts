import { isOwn } from "../detection/views.ts";
import type { RoleInstance } from "../graph/graph.ts";

/** What the list shows of a principal, in a form that two answers can be compared by. Stale rows count: they are listed, too. */
export const listedRows = (instances: readonly RoleInstance[]): readonly string[] =>
  instances
    .filter(isOwn)
    .map((row) =>
      [row.roleAssignmentScheduleId, row.startDateTime ?? "", row.endDateTime ?? "", row.roleDefinitionId].join(" "),
    )
    .toSorted();

/** The end, null when permanent, and the role of a row made by `listedRows`. */
export function readListedRow(row: string): { readonly end: string | null; readonly roleDefinitionId: string } {
  const [, , end = "", roleDefinitionId = ""] = row.split(" ");
  return { end: end === "" ? null : end, roleDefinitionId };
}
