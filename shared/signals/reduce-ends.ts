import type { GroupEnd, PrivilegeEnd } from "../audit-log/classify.ts";

/** Milliseconds. PIM's row has been seen five to seven seconds after Core Directory's; rows arrive out of order. */
export const TOLD_TWICE_WITHIN = 120_000;

/**
 * Joins the rows that tell of one end: Core Directory's, which has the moment, and PIM's, which has the reason. The order of the
 * input does not matter; the result is ordered by time. Two removals by Core Directory in different seconds stay two ends.
 */
export function reduceEnds(ends: readonly PrivilegeEnd[]): readonly PrivilegeEnd[] {
  const reduced = [...Map.groupBy(ends, privilegeOf).values()].flatMap((rows) => {
    const joined: PrivilegeEnd[] = [];
    for (const row of rows.toSorted((a, b) => a.at - b.at)) {
      const index = joined.findLastIndex((other) => tellOfOne(other, row));
      const partner = joined[index];
      if (partner) joined[index] = join(partner, row);
      else joined.push(row);
    }
    return joined;
  });
  return reduced.toSorted((a, b) => a.at - b.at);
}

const privilegeOf = (end: PrivilegeEnd): string =>
  `${end.kind} ${end.principalId} ${end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId}`;

function tellOfOne(earlier: PrivilegeEnd, later: PrivilegeEnd): boolean {
  if (later.at - earlier.at > TOLD_TWICE_WITHIN) return false;
  if (differ(earlier.scheduleId, later.scheduleId) || differ(accessOf(earlier), accessOf(later))) return false;
  const twoRemovals = earlier.toldBy === "directory" && later.toldBy === "directory";
  // One change is sometimes written several times, but then of the same moment.
  return !twoRemovals || wholeSecond(earlier) === wholeSecond(later);
}

function join(earlier: PrivilegeEnd, later: PrivilegeEnd): PrivilegeEnd {
  const [main, other] = earlier.toldBy === "pim" && later.toldBy === "directory" ? [later, earlier] : [earlier, later];
  const both = {
    reason: main.reason === "unknown" ? other.reason : main.reason,
    scheduleId: main.scheduleId ?? other.scheduleId,
    rowIds: [...new Set([...earlier.rowIds, ...later.rowIds])],
  };
  return main.kind === "roleEnd"
    ? { ...main, ...both }
    : { ...main, ...both, accessId: accessOf(main) ?? accessOf(other) };
}

/** Both told, and not the same. */
const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
const accessOf = (end: PrivilegeEnd): GroupEnd["accessId"] => (end.kind === "groupEnd" ? end.accessId : null);
const wholeSecond = ({ at }: PrivilegeEnd): number => Math.floor(at / 1000);
