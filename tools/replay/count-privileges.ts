import type { JudgedEnd } from "./judge-ends.ts";
import type { Names } from "./names.ts";
import type { PrivilegeCount } from "./report.ts";

/** Ends by role and group and by reason, the most frequent first. */
export function countPrivileges(ends: readonly JudgedEnd[], names: Names): readonly PrivilegeCount[] {
  const counts = (["role", "group"] as const).flatMap((kind) => {
    const byPrivilege = Map.groupBy(
      ends.filter((one) => kindOf(one) === kind),
      privilegeOf,
    );
    return [...byPrivilege].map(([id, group]) => ({ kind, id, name: names.of(id), ...countReasons(group) }));
  });
  return counts.toSorted((a, b) => b.total - a.total || a.name.localeCompare(b.name, "en"));
}

function countReasons(ends: readonly JudgedEnd[]) {
  const counts = { expired: 0, deactivated: 0, removed: 0, unknown: 0, total: ends.length };
  for (const { end } of ends) counts[end.reason] += 1;
  return counts;
}

export const kindOf = ({ end }: JudgedEnd): "role" | "group" => (end.kind === "roleEnd" ? "role" : "group");

/** The role definition id or the group id. */
export const privilegeOf = ({ end }: JudgedEnd): string =>
  end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId;
