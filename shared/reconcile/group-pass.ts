import { earliest, type GraphTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { endAccess, endMissed, endReportedAccess, endRoles, leaveAlone } from "../detection/group-losses.ts";
import { almostSecond, membersWake, nextPass } from "../detection/next-pass.ts";
import { missedAgain } from "../detection/observe.ts";
import { type MembersReading, observeMembers } from "../detection/observe-members.ts";
import { waitAfter } from "../enforcement/settle.ts";
import { failureOf, GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import { knownEnd } from "../model/holding.ts";
import { byKey, type Fanout, type GroupHead, type Member, type PrincipalState } from "../model/principal.ts";
import type { CoreDependencies, GroupDependencies, LiveObservation, WatchedGroups } from "./dependencies.ts";
import { fanOut } from "./fan-out.ts";
import { finishPass, type Pass } from "./finish-pass.ts";
import { countWatched, readEvery } from "./heads.ts";
import { nextSignal, toMessage } from "./messages.ts";

/**
 * One pass of a group. Its roles were read live, as for any principal; its members are read when that is due. Ends are committed as fan-outs, in one
 * transaction with the readings, and then fanned out to the members. Each member is judged in a pass of its own.
 */
export async function runGroupPass(pass: Pass, live: LiveObservation, dependencies: CoreDependencies) {
  const { groups, signals, clock, timings } = dependencies;
  const { signal, timeLeft, loaded } = pass;
  const startedAt = clock.monotonic();
  const { date, at } = live.reading.principal;
  const { state: next, ...found } = await findEnds(pass, live, dependencies);
  const work = [...next.fanouts.values()].some(({ begunAt }) => begunAt !== null);
  const wakeAt = work ? date + timings.safetyNet : found.wakeAt;
  // A notification's hint is kept for the next pass when the read of the members failed or had to be put off.
  const isPutOff = next.head.group?.notBefore != null && readAtOf(next) === readAtOf(loaded.state);
  const { principalId, confirms } = signal;
  const wakeSignal = { ...nextSignal(signal), ...(isPutOff && confirms === principalId ? { confirms } : {}) };
  const { committed, wait } = await finishPass(pass, { next, date, at, wakeAt, wakeSignal, work }, dependencies);
  reportMembers(dependencies, loaded.state, committed.state);
  if (readAtOf(loaded.state) === null && readAtOf(committed.state) !== null) await groups?.onFirstRead?.(principalId);
  if (!work) return wait;

  const passed = await fanOut(committed, startedAt + Math.max(timeLeft, timings.waitInside), dependencies);
  if (passed === "stuck") return null;
  if (timeLeft > 0) return { ms: 0, failed: false };
  if (passed === "more") await signals.send(toMessage({ ...signal, ...nextSignal(signal) }), 0);
  return null;
}

/** Graph's time when the members were last read; null before the first reading. */
const readAtOf = ({ head }: PrincipalState): GraphTime | null => head.group?.readAt ?? null;

const isWaiting = ({ begunAt }: Fanout): boolean => begunAt === null;

async function findEnds(pass: Pass, live: LiveObservation, dependencies: CoreDependencies) {
  const { groups, state: store, timings } = dependencies;
  const { signal } = pass;
  const { date } = live.reading.principal;
  const before = pass.loaded.state;
  const roles = [...before.holdings.values()];
  const { auditEnds = [] } = before.head;
  if (groups === undefined || !isWatched(groups.watched, before, live.state)) {
    const state = await missUnwatched(leaveAlone(live.state, date), date, dependencies);
    return { state, wakeAt: nextPass(state, date, timings) };
  }
  const ended = endRoles(live.state, date, timings.lag);
  const every = readEvery(before.members.size, await countWatched(store), groups.unitsPerSecond);
  const isHinted = signal.confirms === signal.principalId;
  // The members are read when that is due, when a notification reported a change, or when a fan-out waits for the current ones.
  const isDue =
    membersWake(ended, isHinted ? 0 : every, timings) <= date + almostSecond ||
    [...ended.fanouts.values()].some(isWaiting);
  const read = isDue ? await refresh(ended, pass, date, groups, dependencies) : { state: ended, isGone: false };
  const state = endReportedAccess(read.state, auditEnds, roles, date, timings);
  const isOver = read.isGone && state.members.size === 0 && state.holdings.size === 0;
  const beginsAt = [...state.fanouts.values()].some(isWaiting) ? (state.head.group?.notBefore ?? date) : null;
  const readsAt = isOver ? null : membersWake(state, every, timings);
  const wakeAt = earliest([nextPass(state, date, timings), beginsAt, readsAt].filter((time) => time !== null));
  return { state, wakeAt: wakeAt === null ? null : Math.max(date, wakeAt) };
}

/** The members of a group that is not watched are not read, so only here is it asked, once its role is overdue, whether it still exists. */
async function missUnwatched(state: PrincipalState, date: GraphTime, { groups, timings }: CoreDependencies) {
  const ends = [...state.holdings.values()].map(knownEnd);
  if (groups === undefined || !ends.some((end) => end !== null && date >= end + timings.overdueAfter)) return state;
  const group = await groups.graph.readGroup(state.principalId);
  return noteFound(state, group.value !== null, group.date, timings);
}

/** The state with the run of 404 answers for the group, one longer or at its end. */
function noteFound(state: PrincipalState, isFound: boolean, date: GraphTime, { lag }: Timings): PrincipalState {
  const { missing = null, ...head } = state.head;
  return { ...state, head: isFound ? head : { ...head, missing: missedAgain(missing, date, lag) } };
}

const isWatched = (watched: WatchedGroups, before: PrincipalState, now: PrincipalState): boolean =>
  watched === "auto"
    ? now.head.group?.assignableToRole === true || before.holdings.size > 0 || now.holdings.size > 0
    : watched.has(now.principalId);

/** @throws the errors of Graph, but none where only PIM for Groups refuses */
async function readMembers(state: PrincipalState, { graph }: GroupDependencies, dependencies: CoreDependencies) {
  const { graphClock, telemetry } = dependencies;
  const { principalId: groupId } = state;
  const [holders, access] = await Promise.all([
    graph.readHolders(groupId),
    graph.readAccess({ groupId }).catch((error: unknown) => {
      if (!(error instanceof GraphPermanentError) || error.status !== 403) throw error;
      // Without this permission no member is seen to leave a group, but the ends of the group's roles are still fanned out.
      telemetry.alarm("groupAccessRefused", { principalId: groupId, ...failureOf(error) });
      return null;
    }),
  ]);
  graphClock.observe(holders);
  const date = Math.max(holders.date, access?.date ?? holders.date);
  return { holders: holders.value, access: access?.value ?? null, date, before: readAtOf(state) };
}

/** Reads the members. A failed read only sets when to try again: the ends of the group's roles must not wait. `isGone`: Graph did not find the group. */
async function refresh(
  state: PrincipalState,
  { signal: { because, principalId, confirms }, loaded: { state: before } }: Pass,
  asked: GraphTime,
  groups: GroupDependencies,
  dependencies: CoreDependencies,
) {
  const { timings, telemetry } = dependencies;
  let reading: MembersReading;
  try {
    reading = await readMembers(state, groups, dependencies);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const properties = { principalId, ...failureOf(error) };
    if (error instanceof GraphRetryableError) telemetry.event("membersUnread", properties);
    else telemetry.alarm("membersRefused", properties);
    return { state: withGroup(state, { notBefore: asked + waitAfter(error, timings) }), isGone: false };
  }
  const { date, holders, access } = reading;
  // A group that Graph did not find: if it is restored, those who left so long ago that no replica still shows them are members anew.
  const isKnown = ({ left }: Member) =>
    state.head.missing === undefined || left === null || date - left.at < timings.lag.staleRow;
  const known = new Map([...state.members].filter(([, member]) => isKnown(member)));
  const signalled = { isHinted: confirms === principalId, by: because };
  const { members, left } = observeMembers(known, reading, signalled, timings);
  const joined = [...members.values()].filter(({ firstSeen }) => firstSeen === date).map((one) => one.principalId);
  const fanouts = new Map(state.fanouts);
  // Fan-outs that waited for this reading begin, except for members who joined after the end according to the audit log.
  for (const fanout of [...fanouts.values()].filter(isWaiting)) {
    const cutOff = Math.min(...fanout.ends.map((end) => end.cutOff));
    const except = joined.length === 0 ? [] : [...(await groups.joinedSince(principalId, joined, cutOff))];
    fanouts.set(fanout.key, { ...fanout, begunAt: date, except });
  }
  const now = { ...state, members };
  const ended = [...endMissed(now, known, date), ...endAccess(now, left, [...before.holdings.values()], date, because)];
  const notBefore = access === null ? date + timings.holdEvery : null;
  const found = noteFound({ ...now, fanouts: new Map([...fanouts, ...byKey(ended)]) }, holders.exists, date, timings);
  return { state: withGroup(found, { readAt: date, notBefore }), isGone: !holders.exists };
}

function withGroup(state: PrincipalState, change: Partial<GroupHead>): PrincipalState {
  const { group } = state.head;
  return group === undefined ? state : { ...state, head: { ...state.head, group: { ...group, ...change } } };
}

/** Reports to telemetry what a commit changed about a group's members: object ids and counts. */
function reportMembers({ telemetry }: CoreDependencies, before: PrincipalState, after: PrincipalState): void {
  const { principalId } = after;
  const count = (state: PrincipalState) => [...state.members.values()].filter(({ left }) => left === null).length;
  const [was, is] = [count(before), count(after)];
  if (was !== is || readAtOf(before) === null) telemetry.event("members", { principalId, was, is });
  for (const [key, { principalId: memberId, access, listedEnd, overdueRaised }] of after.members) {
    if (!overdueRaised || before.members.get(key)?.overdueRaised === true) continue;
    telemetry.alarm("removalOverdue", { principalId, memberId, access, endDateTime: listedEnd });
  }
  for (const { key, member, ends } of after.fanouts.values()) {
    if (before.fanouts.has(key)) continue;
    const memberId = member?.principalId ?? null;
    telemetry.event("groupEnded", { principalId, key, memberId, ends: ends.length });
  }
}
