import { type GraphTime, type StorageTime, second } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { type EndedHolding, type Holding, knownEnd } from "../model/holding.ts";
import type { Head, Member, PrincipalState } from "../model/principal.ts";
import type { Timings } from "./cadences.ts";
import { evidenceOf, judge } from "./judge.ts";
import { judgeMember } from "./observe-members.ts";

/** Graph's dates are whole seconds: the true time is up to this much later. */
export const almostSecond = second - 1;

/** Graph's time of the next read that a verdict or the cadence around known ends asks for, never before `date`, the newest one's; null for none. Pure. */
export function nextPass(state: PrincipalState, date: GraphTime, timings: Timings): GraphTime | null {
  const { lag } = timings;
  const times = [
    ...[...state.holdings.values()].flatMap((holding) => passesFor(holding, state.head, date, timings)),
    ...(state.head.auditEnds ?? []).map(({ at }) => Math.max(at + lag.staleRow, date + second)),
    ...[...state.ended.values()].flatMap((ended) => staleUntil(ended, timings)).filter((time) => time > date),
    ...[...state.revocations.values()].flatMap(({ progress }) => {
      if (progress.state === "closed") return [];
      return [progress.state === "pending" ? (progress.notBefore ?? date) : soon(progress.acceptedAt, date, timings)];
    }),
  ];
  return times.length === 0 ? null : Math.max(date, Math.min(...times));
}

function passesFor(holding: Holding, head: Head, date: GraphTime, timings: Timings): GraphTime[] {
  const { lag, passEvery, pollEvery } = timings;
  const { sources, group, absence, firstSeen } = holding;
  const isListed = sources.some(({ leftList }) => leftList === null);
  // The resync finds a row that leaves the list meanwhile.
  const wait = isListed && absence === null && group === null ? missingWait(head, timings) : 0;
  const ends = awaitedEnds(holding, date).map((end) => passAt(end, date, timings, wait));
  const verdict = judge(evidenceOf(holding, lag), lag);
  // A moment less than a second away may have passed already.
  if (verdict.is === "doubtful") return [verdict.until - date < second ? date + passEvery : verdict.until, ...ends];
  if (absence !== null || group !== null) return [date + pollEvery, ...ends];
  if (isListed) return ends;
  // Only the directory shows it: soon the list may show it again or the directory follow the list; later it is an assignment that no list shows.
  const since = Math.max(firstSeen, ...sources.map(({ leftList }) => leftList ?? firstSeen));
  return [soon(since, date, timings), ...ends];
}

/** When a stale row that an answer showed may prove to be a new assignment, by the bounds of `readViews`; an answer must come before the first. */
function staleUntil({ shownAgain, cutOff, endedAt }: EndedHolding, { lag }: Timings): readonly GraphTime[] {
  if (shownAgain === null) return [];
  return [cutOff + lag.unseenSource - second, endedAt + lag.staleRow, shownAgain + lag.staleRow];
}

/**
 * How long to wait, in milliseconds, with the next read of a principal that Graph does not find: as long as that lasts, up to `missingEvery`. PIM's list
 * names a deleted principal for up to seven days (issue: Microsoft365DSC#5445). Pure.
 */
export function missingWait({ missing }: Pick<Head, "missing">, { lag, missingEvery }: Timings): number {
  const missed = missing?.first === undefined ? 0 : missing.last - missing.first;
  return missed < lag.userMissing ? 0 : Math.min(missed, missingEvery);
}

/** The next pass when the wait doubles each time, from a second up to `pollEvery`: so a revoke is read back, too. Graph's times. Pure. */
export const soon = (since: GraphTime, date: GraphTime, { pollEvery }: Timings): GraphTime =>
  date + Math.min(Math.max(date - since, second), pollEvery);

/** The announced ends to watch, Graph's times: those to come, since any may prove the last; after the last, all until the privilege is gone. Pure. */
export function awaitedEnds(holding: Holding, date: GraphTime): readonly GraphTime[] {
  const end = knownEnd(holding);
  const isPast = end !== null && end <= date;
  const ends = holding.sources
    .flatMap(({ isOver, listedEnd }) => (isOver || listedEnd === null ? [] : [instantMs(listedEnd)]))
    .filter((time) => time > date || isPast);
  return holding.group === null || end === null ? ends : [...ends, end];
}

/**
 * The next pass around a known end, Graph's time. Long before it: early enough for a queue message. Shortly before: the first moment at which it may have
 * come. After it: less and less often; once overdue, not before `wait`, but for no longer than since the end: Graph never finds a service principal. Pure.
 */
export function passAt(end: GraphTime, date: GraphTime, timings: Timings, wait = 0): GraphTime {
  const since = date - end;
  if (since < -(timings.waitInside + almostSecond)) return end - timings.timerLead;
  // The next answer may still have the same date, so the next pass is not at once.
  const closest = date + timings.passVeryOften;
  if (since < -almostSecond) return Math.max(end - almostSecond, closest);
  const slower = Math.max(closest, date + Math.min(Math.ceil(since / 10), timings.passSlowly));
  return since < timings.overdueAfter ? slower : Math.max(slower, date + Math.min(since, wait));
}

/** The state with one more failed read counted, if a known end has passed by `date`, an estimate. A gap starts anew: the app may not have run. Pure. */
export function countUnread(state: PrincipalState, date: GraphTime, storageTime: StorageTime, timings: Timings) {
  const ends = [...state.holdings.values()].map(knownEnd);
  if (!ends.some((end) => end !== null && end <= date)) return state;
  const { unreadable } = state.head;
  const goesOn = unreadable !== null && storageTime - unreadable.last <= timings.unreadableGap;
  const since = goesOn ? unreadable.since : storageTime;
  const raised = storageTime - since >= timings.unreadableFor;
  return { ...state, head: { ...state.head, unreadable: { since, last: storageTime, raised } } };
}

/** When a group's members must be read next, Graph's time. `every`: milliseconds between reads while nothing is expected, 0 for one at once. Pure. */
export function membersWake({ head, members }: PrincipalState, every: number, timings: Timings): number {
  const { readAt = null, notBefore = null } = head.group ?? {};
  const earliest = notBefore ?? Number.NEGATIVE_INFINITY;
  if (readAt === null) return earliest;
  const wait = missingWait(head, timings);
  let at = readAt + (every === 0 ? 0 : Math.max(every, wait));
  for (const member of members.values()) at = Math.min(at, wakeFor(member, readAt, wait, timings));
  return Math.max(earliest, at);
}

function wakeFor(member: Member, readAt: number, wait: number, timings: Timings): number {
  const { absence, left, listedEnd } = member;
  if (left !== null) return (left.shownSince ?? Number.POSITIVE_INFINITY) + timings.lag.staleRow;
  if (absence !== null) {
    const verdict = judgeMember(member, timings.lag);
    return verdict.is === "doubtful" ? verdict.until : readAt + timings.passSlowly;
  }
  return listedEnd === null ? Number.POSITIVE_INFINITY : passAt(instantMs(listedEnd), readAt, timings, wait);
}
