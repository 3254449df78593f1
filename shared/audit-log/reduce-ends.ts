import type { GroupEnd, PrivilegeEnd } from "./classify.ts";

/** Milliseconds within which two rows may report one end. PIM's row was seen 5 to 7 s after Core Directory's; rows arrive out of order. */
export const REPORTED_TWICE_WITHIN = 120_000;

/**
 * Joins the rows that report one end: Core Directory's row has the exact time, PIM's the reason. The order of the input does not
 * matter; the result is ordered by time. Two removals by Core Directory in different seconds stay two ends. Pure.
 */
export function reduceEnds(ends: readonly PrivilegeEnd[]): readonly PrivilegeEnd[] {
  const reduced = [...Map.groupBy(ends, privilegeOf).values()].flatMap((rows) => {
    const joined = createJoinedEnds();
    for (const row of rows.toSorted((a, b) => a.at - b.at)) joined.take(row);
    return joined.ends();
  });
  return reduced.toSorted((a, b) => a.at - b.at);
}

const privilegeOf = (end: PrivilegeEnd): string =>
  `${end.kind} ${end.principalId} ${end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId}`;

/** An end as joined so far. The ids stand apart: copied with each row, they would cost the square of the rows of one end. */
interface Joined {
  end: PrivilegeEnd;
  readonly rowIds: Set<string>;
  /** Of its first row. */
  readonly order: number;
}

/**
 * The ends of one privilege, whose rows come by time. A row joins the last end that it may report as well. It looks only at ends of its own schedule or of
 * none, since very many schedules of one privilege may end within two minutes; where it names no schedule, it looks at all of them.
 */
function createJoinedEnds() {
  const joined: Joined[] = [];
  /** By schedule and access, and by access alone; each in the order of the first rows. */
  const lists = new Map<string, Joined[]>();

  function put(one: Joined): void {
    for (const key of keysOf(one.end)) {
      const list = lists.get(key) ?? [];
      lists.set(key, list);
      let at = list.length;
      while ((list[at - 1]?.order ?? -1) > one.order) at -= 1;
      list.splice(at, 0, one);
    }
  }

  function remove(one: Joined): void {
    for (const list of keysOf(one.end).map((key) => lists.get(key))) list?.splice(list.lastIndexOf(one), 1);
  }

  return {
    take(row: PrivilegeEnd): void {
      const found = keysToAsk(row).map((key) => lastOfOneEnd(lists.get(key) ?? [], row));
      const partner = found.reduce((a, b) => ((a?.order ?? -1) > (b?.order ?? -1) ? a : b), undefined);
      if (partner === undefined) {
        const one = { end: row, rowIds: new Set(row.rowIds), order: joined.length };
        joined.push(one);
        put(one);
        return;
      }
      const end = join(partner.end, row);
      const isMoved = keysOf(end).join() !== keysOf(partner.end).join();
      if (isMoved) remove(partner);
      partner.end = end;
      if (isMoved) put(partner);
      for (const id of row.rowIds) partner.rowIds.add(id);
    },
    ends: () => joined.map(({ end, rowIds }) => ({ ...end, rowIds: [...rowIds] })),
  };
}

const anySchedule = "any";
const named = (scheduleId: string | null): string => (scheduleId === null ? "none" : `id ${scheduleId}`);
const key = (schedule: string, access: GroupEnd["accessId"]): string => `${schedule} ${access}`;

const keysOf = (end: PrivilegeEnd): readonly string[] =>
  [named(end.scheduleId), anySchedule].map((schedule) => key(schedule, accessOf(end)));

/** Where the ends are that do not differ from the row in schedule or access. What one of the two does not name does not differ. */
function keysToAsk(row: PrivilegeEnd): readonly string[] {
  const access = accessOf(row);
  const schedules = row.scheduleId === null ? [anySchedule] : [named(row.scheduleId), named(null)];
  const accesses = access === null ? (["member", "owner", null] as const) : [access, null];
  return schedules.flatMap((schedule) => accesses.map((one) => key(schedule, one)));
}

/** The last of these ends that the row may report as well. They are in the order of their first rows, and a later row may have moved an end once. */
function lastOfOneEnd(list: readonly Joined[], row: PrivilegeEnd): Joined | undefined {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const other = list[index];
    if (other === undefined || row.at - other.end.at > 2 * REPORTED_TWICE_WITHIN) return undefined;
    if (areOfOneEnd(other.end, row)) return other;
  }
  return undefined;
}

/** Of two that differ neither in schedule nor in access. */
function areOfOneEnd(earlier: PrivilegeEnd, later: PrivilegeEnd): boolean {
  if (later.at - earlier.at > REPORTED_TWICE_WITHIN) return false;
  const twoRemovals = earlier.reportedBy === "directory" && later.reportedBy === "directory";
  // Core Directory sometimes writes several rows for one change, all with the same time.
  return !twoRemovals || wholeSecond(earlier) === wholeSecond(later);
}

function join(earlier: PrivilegeEnd, later: PrivilegeEnd): PrivilegeEnd {
  const [main, other] =
    earlier.reportedBy === "pim" && later.reportedBy === "directory" ? [later, earlier] : [earlier, later];
  const both = {
    reason: main.reason === "unknown" ? other.reason : main.reason,
    scheduleId: main.scheduleId ?? other.scheduleId,
  };
  return main.kind === "roleEnd"
    ? { ...main, ...both }
    : { ...main, ...both, accessId: accessOf(main) ?? accessOf(other) };
}

const accessOf = (end: PrivilegeEnd): GroupEnd["accessId"] => (end.kind === "groupEnd" ? end.accessId : null);
const wholeSecond = ({ at }: PrivilegeEnd): number => Math.floor(at / 1000);
