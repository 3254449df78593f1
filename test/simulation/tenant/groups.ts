import type { AccessId, GroupAccess, GroupHolders, GroupPath, RoleInstance } from "../../../shared/graph/graph.ts";
import type { GroupScript, MemberScript } from "../history.ts";
import type { Random } from "../world/random.ts";
import { type Holding, resolveHolding } from "./holding.ts";
import { groupId, instant, principalId, scheduleId } from "./ids.ts";
import { instanceRow, type Owner, shownIn, toDirectoryRow } from "./views.ts";

/** One stay of somebody in a group: as its member or as its owner. */
export interface Stay {
  readonly principal: number;
  readonly access: AccessId;
  readonly kind: MemberScript["kind"];
  readonly from: number;
  /** The end that PIM for Groups announced; null for what has none. */
  readonly plannedEnd: number | null;
  /** When PIM for Groups forgot it: no later than the directory. Infinity = it stays. */
  readonly unlistedAt: number;
  /** When the directory did: from here on they are out of the group. */
  readonly goneAt: number;
  readonly schedule: string;
  /** Through a group that is a member of this one. */
  readonly nested: boolean;
  /** Its row of the directory cannot be distinguished from that of a stay that ended less than minutes before. */
  readonly again: boolean;
}

export interface Group {
  readonly id: string;
  readonly number: number;
  /** The assignment of its role; null when it holds none. */
  readonly holding: Holding | null;
  readonly stays: readonly Stay[];
}

const minute = 60_000;
/** Numbers of assignments that belong to groups. */
const firstOwner = 9000;

export function resolveGroup(
  script: GroupScript,
  number: number,
  start: number,
  deletedAt: readonly (number | null)[],
): Group {
  const holding = script.role === null ? null : resolveHolding(script.role, start, null);
  const stays: Stay[] = [];
  for (const [index, member] of script.members.entries()) {
    const principal = member.principal % deletedAt.length;
    const stay = resolveStay(
      member,
      principal,
      start,
      deletedAt[principal] ?? null,
      scheduleId(firstOwner + number, index, 8),
    );
    const same = stays.filter((other) => other.principal === principal && other.access === stay.access);
    const clash = same.some((other) => stay.from < other.goneAt && other.from < stay.goneAt);
    const again = same.some((other) => Math.abs(stay.from - other.goneAt) < 6 * minute);
    if (!clash && stay.goneAt > stay.from) stays.push({ ...stay, again });
  }
  return {
    id: groupId(number),
    number,
    holding: holding !== null && holding.goneAt > holding.from ? holding : null,
    stays,
  };
}

function resolveStay(
  script: MemberScript,
  principal: number,
  start: number,
  deletedAt: number | null,
  schedule: string,
): Stay {
  const from = start + script.from;
  const isPims = script.kind === "activated" || script.kind === "assigned";
  const plannedEnd = isPims ? from + script.plannedFor : null;
  const leaves = script.end.how === "expires" ? Number.POSITIVE_INFINITY : from + script.end.after;
  const ended = Math.min(plannedEnd ?? Number.POSITIVE_INFINITY, leaves);
  const goneAt = ended + script.removal.directory;
  const isDeleted = deletedAt !== null && deletedAt < goneAt;
  return {
    principal,
    access: script.access,
    kind: script.kind,
    from,
    plannedEnd,
    unlistedAt: isDeleted ? deletedAt : Math.min(ended + script.removal.list, goneAt),
    goneAt: isDeleted ? deletedAt : goneAt,
    schedule,
    nested: false,
    again: false,
  };
}

/** The groups with the members of those inside them, which have no row of their own in PIM. Only a group without a role can have one inside (Entra docs: groups-concept). */
export function nest(scripts: readonly GroupScript[], groups: readonly Group[], start: number): Group[] {
  const nested = [...groups];
  // From the last to the first: a group can only be inside of an earlier one, so that its own members are known by then.
  for (const [number, script] of [...scripts.entries()].reverse()) {
    const outer = script.within === null ? undefined : nested[script.within.group];
    const inner = nested[number];
    if (script.within === null || outer === undefined || inner === undefined) continue;
    if (outer.number >= number || outer.holding !== null) continue;
    const from = start + script.within.from;
    const goneAt = script.within.leavesAfter === null ? Number.POSITIVE_INFINITY : from + script.within.leavesAfter;
    const through = inner.stays
      .filter((stay) => stay.access === "member" && stay.from < goneAt && stay.goneAt > from)
      .map((stay): Stay => {
        const end = Math.min(stay.goneAt, goneAt);
        const begin = Math.max(stay.from, from);
        return {
          ...stay,
          kind: "outsidePim",
          from: begin,
          plannedEnd: null,
          unlistedAt: end,
          goneAt: end,
          nested: true,
        };
      });
    nested[outer.number] = { ...outer, stays: [...outer.stays, ...through] };
  }
  return nested;
}

const isIn = ({ from, goneAt }: Stay, time: number): boolean => time >= from && time < goneAt;

/** The rows of the group's own role that one read of it gets. */
export function groupRows({ id, number, holding }: Group, time: number, random: Random) {
  if (holding === null || time < holding.from) return { instances: [], directory: [] };
  const seen = shownIn(holding, time, random);
  const row: RoleInstance = instanceRow(holding, { id, number: firstOwner + number }, 0, time);
  return { instances: seen.list ? [row] : [], directory: seen.directory ? [toDirectoryRow(row)] : [] };
}

/**
 * The rows that one read gets of a member for this group's role, in a tenant that lists it once per member as well. An activation would be the
 * member's own.
 */
export function memberRows(group: Group, { id, number }: Owner, time: number, random: Random): RoleInstance[] {
  if (!isMember(group, number, time)) return [];
  return groupRows(group, time, random).instances.map((row) => ({
    ...row,
    principalId: id,
    assignmentType: "Assigned",
    memberType: "Group",
  }));
}

const isMember = ({ stays }: Group, user: number, time: number): boolean =>
  stays.some((stay) => stay.principal === user && stay.access === "member" && isIn(stay, time));

/** How this group gives a user its role now, if it does. */
export function groupPath(group: Group, user: number, time: number, random: Random): GroupPath[] {
  if (!isMember(group, user, time)) return [];
  const { instances, directory } = groupRows(group, time, random);
  const listed = instances.map(({ startDateTime, endDateTime, roleAssignmentScheduleId, ...role }) => ({
    ...privilege(role),
    groupId: group.id,
    startDateTime,
    endDateTime,
    roleAssignmentScheduleId,
  }));
  const held = directory.map((role) => ({
    ...privilege(role),
    groupId: group.id,
    startDateTime: null,
    endDateTime: null,
    roleAssignmentScheduleId: "",
  }));
  return listed.length > 0 ? listed : held;
}

const privilege = ({
  roleDefinitionId,
  directoryScopeId,
  appScopeId,
}: Omit<GroupPath, "groupId" | "startDateTime" | "endDateTime" | "roleAssignmentScheduleId">) => ({
  roleDefinitionId,
  directoryScopeId,
  appScopeId,
});

export function groupHolders({ stays }: Group, time: number): GroupHolders {
  const holders = (access: AccessId) => [
    ...new Set(
      stays.filter((stay) => stay.access === access && isIn(stay, time)).map(({ principal }) => principalId(principal)),
    ),
  ];
  return { exists: true, members: holders("member"), owners: holders("owner") };
}

/** What PIM for Groups lists: all but those who were put in outside of it. */
export const groupAccess = ({ id, stays }: Group, time: number): GroupAccess[] =>
  stays
    .filter(({ kind, from, unlistedAt }) => kind !== "outsidePim" && time >= from && time < unlistedAt)
    .map(({ principal, access, kind, from, plannedEnd, schedule }) => ({
      groupId: id,
      principalId: principalId(principal),
      access,
      startDateTime: plannedEnd === null ? null : instant(from),
      endDateTime: plannedEnd === null ? null : instant(plannedEnd),
      activated: kind === "activated",
      assignmentScheduleId: schedule,
    }));
