import type { GroupAccess, GroupHolders } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { type Absence, endTime, later } from "../model/holding.ts";
import { freeChunks, type Member, memberKey, newMember } from "../model/principal.ts";
import type { Timings } from "./cadences.ts";
import { deny, judge, type Verdict } from "./judge.ts";
import type { Lag } from "./lag.ts";

export interface MembersReading {
  readonly holders: GroupHolders;
  /** PIM for Groups' rows of the group; null when the app may not read them: then no member can be judged to have left. */
  readonly access: readonly GroupAccess[] | null;
  /** Graph's time of the later of the two answers. */
  readonly date: number;
  /** Graph's time of the previous reading; null when this is the first. */
  readonly before: number | null;
}

/**
 * Compares one reading of a group's members and owners with the snapshot `before`. `isHinted`: a notification reports a change of them; `by`: the signal that
 * started the pass. `left`: members whose end it establishes, each with the absence that proves it. Pure.
 */
export function observeMembers(
  before: ReadonlyMap<string, Member>,
  reading: MembersReading,
  { isHinted, by }: { readonly isHinted: boolean } & Pick<Absence, "by">,
  timings: Timings,
) {
  const { date } = reading;
  const shown = showing(reading);
  const left: Member[] = [];
  const members = new Map<string, Member>();
  for (const [key, known] of before) {
    const now = shown.get(key);
    if (known.left !== null) {
      const again = heldAgain(known, known.left, now?.row, date, timings);
      if (again !== null) members.set(key, again);
    } else if (now !== undefined) {
      const seen = { ...list(known, now.row, date, timings), absence: null };
      const listedEnd = endTime(seen.listedEnd);
      const isLate = !seen.overdueRaised && listedEnd !== null && date >= listedEnd + timings.overdueAfter;
      members.set(key, isLate ? { ...seen, overdueRaised: true } : seen);
    } else if (reading.access === null) {
      members.set(key, known);
    } else {
      const denial = { date, sessionsValidFrom: null, shownAt: reading.before, ...(by === undefined ? {} : { by }) };
      const missed = { ...known, absence: deny(known.absence, denial, endTime(known.end), timings.lag) };
      const isOver = judgeMember(missed, timings.lag, isHinted).is === "lost";
      if (isOver) left.push(missed);
      members.set(key, isOver ? { ...missed, left: { at: date, shownSince: null } } : missed);
    }
  }

  const chunks = freeChunks(before.values());
  for (const [key, { principalId, access, row }] of shown) {
    if (members.has(key)) continue;
    const fresh = newMember(principalId, access, chunks.next().value, date);
    members.set(key, list(fresh, row, date, timings));
  }
  return { members, left };
}

/** Whether a member has left the group, by the same rules as for a role. Its one current source is PIM's row, which a new activation replaces. */
export function judgeMember({ absence, end, start, firstSeen }: Member, lag: Lag, isHinted = false): Verdict {
  const newestSight = Math.max(firstSeen, start === null ? firstSeen : instantMs(start));
  return judge({ absence, knownEnd: endTime(end), newestSight, isHinted }, lag);
}

/** The memberships that a reading shows, by `memberKey`, with PIM's row; null when only the directory shows one. */
function showing({ holders, access }: MembersReading) {
  const rows = access ?? [];
  const ofRows = Map.groupBy(rows, memberKey);
  const held = [
    ...holders.members.map((principalId) => ({ principalId, access: "member" as const })),
    ...holders.owners.map((principalId) => ({ principalId, access: "owner" as const })),
    ...rows,
  ];
  return new Map(held.map((one) => [memberKey(one), { ...one, row: latest(ofRows.get(memberKey(one)) ?? []) }]));
}

/** The row that ends last: a membership outlives an activation beside a longer assignment. */
const latest = (rows: readonly GroupAccess[]): GroupAccess | null =>
  rows.reduce<GroupAccess | null>(
    (a, b) => (a !== null && later(a.endDateTime, b.endDateTime) === a.endDateTime ? a : b),
    null,
  );

/** The member with the schedule, start and end of PIM's row. */
function list(member: Member, row: GroupAccess | null, date: number, timings: Timings): Member {
  if (row === null) {
    const { listedEnd } = member;
    // The directory keeps a membership that PIM has ended: it was given outside PIM as well, and no end is awaited any more.
    const isOver = listedEnd !== null && date - instantMs(listedEnd) >= timings.lag.staleRow;
    return isOver ? { ...member, listedEnd: null } : member;
  }
  const { assignmentScheduleId: scheduleId, startDateTime: start, endDateTime: listedEnd } = row;
  const isSame = member.scheduleId === scheduleId && member.start === start;
  if (isSame && member.listedEnd === listedEnd) return member;
  const end = isSame && member.end !== null ? later(member.end, listedEnd) : listedEnd;
  return { ...member, scheduleId, start, end, listedEnd, overdueRaised: false };
}

/** A member who has left, after one more answer: still gone, shown by a stale row, or back again; null when it is forgotten. */
function heldAgain(
  member: Member,
  { at, shownSince }: NonNullable<Member["left"]>,
  row: GroupAccess | null | undefined,
  date: number,
  timings: Timings,
): Member | null {
  if (row === undefined) {
    if (date - at >= timings.lag.forget) return null;
    return shownSince === null ? member : { ...member, left: { at, shownSince: null } };
  }
  const isNew = row !== null && !(row.assignmentScheduleId === member.scheduleId && row.startDateTime === member.start);
  const isShownLongEnough = shownSince !== null && date - shownSince >= timings.lag.staleRow;
  if (!isNew && !isShownLongEnough) return { ...member, left: { at, shownSince: shownSince ?? date } };
  return list(newMember(member.principalId, member.access, member.chunk, date), row, date, timings);
}
