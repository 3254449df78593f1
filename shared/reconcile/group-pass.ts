import type { GraphTime } from "../base/clock.ts";
import { endReportedAccess, endRoles, leaveAlone } from "../detection/group-losses.ts";
import { membersWake, nextPass } from "../detection/next-pass.ts";
import { missedAgain } from "../detection/observe.ts";
import { knownEnd } from "../model/holding.ts";
import type { Member, PrincipalState } from "../model/principal.ts";
import type { CoreDependencies, LiveObservation, NextPass, WatchedGroups } from "./dependencies.ts";
import { fanOut, noteOpenFanouts } from "./fan-out.ts";
import { finishPass, type Pass } from "./finish-pass.ts";
import { countWatched } from "./heads.ts";
import { nextSignal, type Signal, toMessage } from "./messages.ts";
import { type Refreshed, readEvery, refreshMembers } from "./refresh-members.ts";

/**
 * One pass of a group. Its roles were read live, as for any principal; its members are read when that is due. Ends are committed as fan-outs, in one
 * transaction with the readings, and then fanned out to the members. Each member is judged in a pass of its own.
 */
export async function runGroupPass(
  pass: Pass,
  live: LiveObservation,
  dependencies: CoreDependencies,
): Promise<NextPass | null> {
  const { signals, clock, timings } = dependencies;
  const { signal, timeLeft, loaded } = pass;
  const startedAt = clock.monotonic();
  const { date, at } = live.reading.principal;
  const found = await findEnds(pass, live, dependencies);
  const next = noteOpenFanouts(found.state);
  const isPassing = [...next.fanouts.values()].some(({ begunAt }) => begunAt !== null);
  const finished = await finishPass(
    pass,
    {
      next,
      date,
      at,
      wakeAt: isPassing ? date + timings.safetyNet : found.wakeAt,
      wakeSignal: { ...nextSignal(signal), ...stillConfirms(signal, loaded.state, next) },
      work: isPassing,
      overdue: live.overdue,
    },
    dependencies,
  );
  if (finished === null) return null;
  const { committed, wait } = finished;
  reportMembers(dependencies, loaded.state, committed.state, found.overdue);
  if (isFirstRead(loaded.state, committed.state)) await dependencies.groups?.onFirstRead?.(committed.state.principalId);
  if (!isPassing) return wait;

  const passed = await fanOut(committed, startedAt + Math.max(timeLeft, timings.waitInside), dependencies);
  if (passed === "stuck") return null;
  if (timeLeft > 0) return { ms: 0, failed: false };
  if (passed === "more") await signals.send(toMessage({ ...signal, ...nextSignal(signal) }), 0);
  return null;
}

/** Keeps a notification's hint for the next pass when the read of the members failed or had to be put off. */
function stillConfirms(
  { principalId, confirms }: Signal,
  before: PrincipalState,
  after: PrincipalState,
): Pick<Signal, "confirms"> {
  const { readAt = null, notBefore = null } = after.head.group ?? {};
  const waits = notBefore !== null && readAt === (before.head.group?.readAt ?? null);
  return waits && confirms === principalId ? { confirms } : {};
}

const isFirstRead = (before: PrincipalState, after: PrincipalState): boolean =>
  (before.head.group?.readAt ?? null) === null && (after.head.group?.readAt ?? null) !== null;

interface Found extends Pick<Refreshed, "state" | "overdue"> {
  readonly wakeAt: number | null;
}

async function findEnds(
  { signal, loaded }: Pass,
  live: LiveObservation,
  dependencies: CoreDependencies,
): Promise<Found> {
  const { groups, state: store, timings } = dependencies;
  const { date } = live.reading.principal;
  const before = loaded.state;
  const rolesWake = (state: PrincipalState) => nextPass(state, date, timings);
  if (groups === undefined || !isWatched(groups.watched, before, live.state)) {
    const state = await missUnwatched(leaveAlone(live.state, date), date, dependencies);
    return { state, overdue: [], wakeAt: rolesWake(state) };
  }
  const ended = endRoles(live.state, date);
  const every = readEvery(before.members.size, await countWatched(store), groups.unitsPerSecond);
  const isHinted = signal.confirms === signal.principalId;
  const refresh = { before, state: ended, date, every, foundBy: signal.because, isHinted };
  const { state: read, overdue, exists } = await refreshMembers(refresh, groups, dependencies);
  const state = endReportedAccess(read, before.head.auditEnds ?? [], [...before.holdings.values()], date, timings);
  const isOver = !exists && state.members.size === 0 && state.holdings.size === 0;
  const isWaiting = [...state.fanouts.values()].some(({ begunAt }) => begunAt === null);
  const beginsAt = isWaiting ? (state.head.group?.notBefore ?? date) : null;
  const readsAt = isOver ? null : membersWake(state, every, timings);
  const times = [rolesWake(state), beginsAt, readsAt].filter((time) => time !== null);
  return { state, overdue, wakeAt: times.length === 0 ? null : Math.max(date, Math.min(...times)) };
}

/** The members of a group that is not watched are not read, so only here is it asked, once its role is overdue, whether it still exists. */
async function missUnwatched(
  state: PrincipalState,
  date: GraphTime,
  { groups, timings }: CoreDependencies,
): Promise<PrincipalState> {
  const isOverdue = [...state.holdings.values()].some((holding) => {
    const end = knownEnd(holding);
    return end !== null && date >= end + timings.overdueAfter;
  });
  if (groups === undefined || !isOverdue) return state;
  const group = await groups.graph.readGroup(state.principalId);
  const { missing = null, ...head } = state.head;
  return {
    ...state,
    head: group.value !== null ? head : { ...head, missing: missedAgain(missing, group.date, timings.lag) },
  };
}

const isWatched = (watched: WatchedGroups, before: PrincipalState, now: PrincipalState): boolean =>
  watched === "auto"
    ? now.head.group?.assignableToRole === true || before.holdings.size > 0 || now.holdings.size > 0
    : watched.has(now.principalId);

/** Reports to telemetry what a commit changed about a group's members: object ids and counts. */
function reportMembers(
  { telemetry }: Pick<CoreDependencies, "telemetry">,
  before: PrincipalState,
  after: PrincipalState,
  overdue: readonly Member[],
): void {
  const { principalId } = after;
  const count = (state: PrincipalState) => [...state.members.values()].filter(({ left }) => left === null).length;
  const [was, is] = [count(before), count(after)];
  if (was !== is || (before.head.group?.readAt ?? null) === null) telemetry.event("members", { principalId, was, is });
  for (const { principalId: memberId, access, listedEnd } of overdue) {
    telemetry.alarm("removalOverdue", { principalId, memberId, access, endDateTime: listedEnd });
  }
  for (const { key, member, ends } of after.fanouts.values()) {
    if (before.fanouts.has(key)) continue;
    const memberId = member?.principalId ?? null;
    telemetry.event("groupEnded", { principalId, key, memberId, ends: ends.length });
  }
}
