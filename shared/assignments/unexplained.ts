import type { DirectoryAssignment, RoleInstance, RolePrivilege } from "../graph/graph.ts";
import type { LiveRow } from "./live-rows.ts";
import { isInDirectory } from "./own-rows.ts";
import type { Head } from "./principal-state.ts";
import { covers, privilegeKey, privilegeOf, samePrivilege } from "./privilege.ts";
import type { Timings } from "./timings.ts";

export interface Unexplained {
  /** Directory rows that may still be a replica's lag: while they last, a privilege that they cover has not ended. */
  readonly young: readonly RolePrivilege[];
  /** Directory rows that nothing explains for so long that they must be assignments of their own. */
  readonly settled: readonly RolePrivilege[];
  /** For the head. */
  readonly seen: SeenUnexplained;
}

/** What the head keeps of them. */
export type SeenUnexplained = Pick<Head, "unexplained" | "unexplainedAt">;

/** Directory rows that no living instance explains. PIM's list and the directory are replicated apart and may disagree for a while. */
export function findUnexplained(
  directory: readonly DirectoryAssignment[],
  living: readonly LiveRow[],
  inherited: readonly RoleInstance[],
  before: SeenUnexplained,
  date: number,
  timings: Timings,
): Unexplained {
  const explained = (row: RolePrivilege) =>
    living.some((live) => samePrivilege(live.row, row)) ||
    inherited.some((other) => isInDirectory(other) && samePrivilege(other, row));
  const rows = new Map(directory.filter((row) => !explained(row)).map((row) => [privilegeKey(row), privilegeOf(row)]));
  const since = Object.fromEntries([...rows.keys()].map((key) => [key, begunAt(before, key, date, timings)]));
  const isSettled = (key: string) => date - (since[key] ?? date) >= timings.unexplainedFor;
  const young = [...rows].filter(([key]) => !isSettled(key)).map(([, row]) => row);
  return {
    young,
    settled: [...rows].filter(([key]) => isSettled(key)).map(([, row]) => row),
    seen: { unexplained: since, ...(young.length === 0 ? {} : { unexplainedAt: date }) },
  };
}

/** After minutes without an answer it may have been explained meanwhile: two lags are no assignment. What was settled before them stays so. */
function begunAt({ unexplained, unexplainedAt }: SeenUnexplained, key: string, date: number, timings: Timings): number {
  const since = unexplained[key];
  if (since === undefined) return date;
  const isYoung = unexplainedAt !== undefined && unexplainedAt - since < timings.unexplainedFor;
  return isYoung && date - unexplainedAt > timings.runGap ? date : since;
}

export const isHeldBack = (privilege: RolePrivilege, { young }: Unexplained): boolean =>
  young.some((row) => covers(row, privilege));
