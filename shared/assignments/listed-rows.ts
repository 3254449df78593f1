import type { RoleInstance } from "../graph/graph.ts";

/** What the list shows of a principal, in a form that two answers can be compared by. Ghosts count: they are listed, too. */
export const listedRows = (instances: readonly RoleInstance[]): readonly string[] =>
  instances
    .filter(({ memberType }) => memberType === "Direct")
    .map((row) => `${row.roleAssignmentScheduleId} ${row.startDateTime ?? ""} ${row.endDateTime ?? ""}`)
    .toSorted();
