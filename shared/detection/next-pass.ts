import type { GraphTime, StorageTime } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { Member } from "../model/group.ts";
import { currentSources, type Holding, knownEnd } from "../model/holding.ts";
import type { PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { evidenceOf, judge } from "./judge.ts";
import { judgeMember } from "./observe-members.ts";
import type { Timings } from "./timings.ts";

/** Graph's dates are whole seconds: the true time is up to this much later. */
const wholeSecond = 1000;
const almostSecond = wholeSecond - 1;

/**
 * When this principal must be read next, Graph's time; null when there is nothing to wait for. The minimum of what the verdicts wait for and of the cadence
 * around known ends. `date` is the time of the newest reading: never earlier than that. Pure.
 */
export function nextPass(state: PrincipalState, date: GraphTime, timings: Timings): GraphTime | null {
  const { lag } = timings;
  const times = [
    ...[...state.holdings.values()].flatMap((holding) => passesFor(holding, date, timings)),
    ...(state.head.auditEnds ?? []).map(({ at }) => Math.max(at + lag.staleRow, date + wholeSecond)),
    ...[...state.ended.values()].flatMap(({ shownAgain }) =>
      shownAgain === null || shownAgain + lag.staleRow <= date ? [] : [shownAgain + lag.staleRow],
    ),
    ...[...state.revocations.values()].flatMap((revocation) => passesForRevocation(revocation, date, timings)),
  ];
  return times.length === 0 ? null : Math.max(date, Math.min(...times));
}

function passesFor(holding: Holding, date: GraphTime, timings: Timings): GraphTime[] {
  const { lag, passEvery, pollEvery } = timings;
  const { sources, group, absence, firstSeen } = holding;
  const ends = awaitedEnds(holding, date).map((end) => passAt(end, date, timings));
  const verdict = judge(evidenceOf(holding, lag), lag);
  // The true time is up to a second after `date`: what is less than that away may have come already.
  if (verdict.is === "doubtful")
    return [verdict.until - date < wholeSecond ? date + passEvery : verdict.until, ...ends];
  if (absence !== null || group !== null) return [date + pollEvery, ...ends];
  if (sources.some(({ leftList }) => leftList === null)) return ends;
  // The list may come back, or the directory be about to follow it; later it is an assignment whose end no list shows.
  const since = Math.max(firstSeen, ...sources.map(({ leftList }) => leftList ?? firstSeen));
  return [soon(since, date, timings), ...ends];
}

/** Twice as late each time, from a second up to the poll. Graph's times. Pure. */
export const soon = (since: GraphTime, date: GraphTime, { pollEvery }: Timings): GraphTime =>
  date + Math.min(Math.max(date - since, wholeSecond), pollEvery);

/** Each announced end that is still to come, since it may be the last one by then; and the last one until the privilege is gone. Graph's time. Pure. */
export function awaitedEnds(holding: Holding, date: GraphTime): readonly GraphTime[] {
  const end = knownEnd(holding);
  const isOver = end !== null && end <= date;
  const ends = currentSources(holding)
    .flatMap(({ listedEnd }) => (listedEnd === null ? [] : [instantMs(listedEnd)]))
    .filter((time) => time > date || isOver);
  return holding.group === null || end === null ? ends : [...ends, end];
}

/**
 * Well before the end: early enough for a queue message. Shortly before: at the first moment at which it may have come, since the true
 * time lies up to a second after `date`. After it: less and less often.
 */
export function passAt(end: GraphTime, date: GraphTime, timings: Timings): GraphTime {
  const since = date - end;
  if (since < -(timings.waitInside + almostSecond)) return end - timings.timerLead;
  // Where many wait at once, no pass follows another very closely, not before the end either.
  const closest = date + (timings.passVeryClosely > 0 ? timings.passVeryOften : timings.passEvery);
  // The next answer may still have the same date: not at once again.
  if (since < -almostSecond) return Math.max(end - almostSecond, closest);
  if (since < timings.passVeryClosely) return closest;
  if (since < timings.passClosely) return date + timings.passEvery;
  if (since < 2 * timings.passClosely) return date + timings.passLess;
  if (since < timings.overdueAfter / 2) return date + timings.passLate;
  return date + timings.passSlowly;
}

function passesForRevocation({ progress }: PendingRevocation, date: GraphTime, timings: Timings): GraphTime[] {
  if (progress.state === "closed") return [];
  if (progress.state === "pending") return [progress.notBefore ?? date];
  // Read back soon after the call, then twice as late each time.
  return [soon(progress.acceptedAt, date, timings)];
}

/**
 * Counts a read that failed after a known end. Only tries of a running app count: a gap between them starts the count anew.
 * `date` is Graph's time, estimated; the minutes are counted in storage's. Pure.
 */
export function countUnread(
  state: PrincipalState,
  date: GraphTime,
  storageTime: StorageTime,
  timings: Timings,
): PrincipalState {
  const ends = [...state.holdings.values()].map(knownEnd);
  if (!ends.some((end) => end !== null && end <= date)) return state;
  const { unreadable } = state.head;
  const goesOn = unreadable !== null && storageTime - unreadable.last <= timings.unreadableGap;
  const since = goesOn ? unreadable.since : storageTime;
  const raised = storageTime - since >= timings.unreadableFor;
  return { ...state, head: { ...state.head, unreadable: { since, last: storageTime, raised } } };
}

/** When a group's members must be read next, Graph's time. `every`: milliseconds between two reads while nothing is expected. Pure. */
export function membersWake({ head, members }: PrincipalState, every: number, timings: Timings): number {
  const { readAt = null, notBefore = null } = head.group ?? {};
  const earliest = notBefore ?? Number.NEGATIVE_INFINITY;
  if (readAt === null) return earliest;
  let at = readAt + every;
  for (const member of members.values()) at = Math.min(at, wakeFor(member, readAt, timings));
  return Math.max(earliest, at);
}

function wakeFor(member: Member, readAt: number, timings: Timings): number {
  const { absence, left, listedEnd } = member;
  if (left !== null)
    return left.shownSince === null ? Number.POSITIVE_INFINITY : left.shownSince + timings.lag.staleRow;
  if (absence !== null) {
    const verdict = judgeMember(member, timings.lag);
    return verdict.is === "doubtful" ? verdict.until : readAt + timings.passSlowly;
  }
  return listedEnd === null ? Number.POSITIVE_INFINITY : passAt(instantMs(listedEnd), readAt, timings);
}
