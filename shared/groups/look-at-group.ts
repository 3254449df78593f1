import type { NextLook } from "../assignments/attend.ts";
import { planBackup } from "../assignments/backup.ts";
import { commitPrincipal } from "../assignments/commit-principal.ts";
import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import type { LoadedPrincipal } from "../assignments/load-principal.ts";
import { nextWake } from "../assignments/next-wake.ts";
import type { PrincipalState } from "../assignments/principal-state.ts";
import type { LiveObservation } from "../assignments/read-live.ts";
import { reportCommit } from "../assignments/report-commit.ts";
import { nextSignal, type Signal, toMessage } from "../assignments/signal.ts";
import { namesMembersOf } from "../assignments/tells.ts";
import { planWake } from "../assignments/wake.ts";
import { openSince } from "./fanout-page.ts";
import type { WatchedGroups } from "./group-dependencies.ts";
import { endRoles, leaveAlone } from "./group-ends.ts";
import { membersWake } from "./members-wake.ts";
import { passOn } from "./pass-on.ts";
import { readEvery } from "./read-budget.ts";
import { type Refreshed, refreshMembers } from "./refresh-members.ts";
import { reportMembers } from "./report-members.ts";
import { endToldAccess } from "./told-access.ts";
import { countWatched } from "./watched-groups.ts";

export interface GroupLook {
  readonly signal: Signal;
  readonly timeLeft: number;
  readonly loaded: LoadedPrincipal;
  /** Our monotonic time of it. */
  readonly loadedAt: number;
  readonly live: LiveObservation;
}

/**
 * What a look does when the principal is a group: its roles were read live as anybody's, its members are read when they are due. What ends
 * is committed as fan-outs in one transaction with what was seen, and then passed on to the members, each of whom is judged by a look of
 * their own.
 */
export async function lookAtGroup(look: GroupLook, dependencies: CoreDependencies): Promise<NextLook | null> {
  const { signal, timeLeft, loaded, loadedAt, live } = look;
  const { principals, signals, clock, timings } = dependencies;
  const startedAt = clock.monotonic();
  const { date, at } = live.reading.principal;
  const found = await findEnds(look, dependencies);
  const next = {
    ...found.state,
    head: { ...found.state.head, openSince: openSince([...found.state.fanouts.values()]) },
  };

  const isPassing = [...next.fanouts.values()].some(({ begunAt }) => begunAt !== null);
  const wakeAt = isPassing ? date + timings.safetyNet : found.wakeAt;
  const wait = wakeAt === null ? null : Math.max(0, wakeAt - date - (clock.monotonic() - at));
  const inside = wait !== null && !isPassing && wait <= timings.waitInside && wait < timeLeft;
  const woken = await planWake(signals, next, {
    wait,
    inside,
    sent: dependencies.sentWake,
    behindCall: isPassing,
    storageNow: loaded.storageTime + clock.monotonic() - loadedAt,
    signal: { ...nextSignal(signal), ...stillTold(signal, loaded.state, next) },
  });
  const planned = await planBackup(woken, { signal, inside, date, at }, dependencies);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies, loaded.state, committed.state, live.overdue);
  reportMembers(dependencies, loaded.state, committed.state, found.overdue);
  if (isFirstRead(loaded.state, committed.state)) await dependencies.groups?.onFirstRead?.(committed.state.principalId);
  if (!isPassing) return inside ? { ms: wait, failed: false } : null;

  const passed = await passOn(committed, startedAt + Math.max(timeLeft, timings.waitInside), dependencies);
  if (passed === "stuck") return null;
  if (timeLeft > 0) return { ms: 0, failed: false };
  if (passed === "more") await signals.send(toMessage({ ...signal, ...nextSignal(signal) }), 0);
  return null;
}

/** What Graph told of the members waits with the read of them that failed or that Graph does not want yet. */
function stillTold(
  { principalId, tells }: Signal,
  before: PrincipalState,
  after: PrincipalState,
): Pick<Signal, "tells"> {
  const { readAt = null, notBefore = null } = after.head.group ?? {};
  const waits = notBefore !== null && readAt === (before.head.group?.readAt ?? null);
  return waits && tells !== undefined && namesMembersOf(tells, principalId) ? { tells } : {};
}

const isFirstRead = (before: PrincipalState, after: PrincipalState): boolean =>
  (before.head.group?.readAt ?? null) === null && (after.head.group?.readAt ?? null) !== null;

interface Found extends Pick<Refreshed, "state" | "overdue"> {
  readonly wakeAt: number | null;
}

async function findEnds({ signal, loaded, live }: GroupLook, dependencies: CoreDependencies): Promise<Found> {
  const { groups, state: store, policy, timings } = dependencies;
  const { date } = live.reading.principal;
  const before = loaded.state;
  const rolesWake = (state: PrincipalState) => nextWake(state, date, timings);
  if (groups === undefined || !isWatched(groups.watched, before, live.state)) {
    const state = leaveAlone(live.state, date);
    return { state, overdue: [], wakeAt: rolesWake(state) };
  }
  const ended = endRoles(live.state, date, policy.revokeWhenReactivated);
  const every = readEvery(before.members.size, await countWatched(store), groups.unitsPerSecond);
  const told = namesMembersOf(signal.tells, signal.principalId);
  const refresh = { before, state: ended, date, every, foundBy: signal.because, told };
  const { state: read, overdue, exists } = await refreshMembers(refresh, groups, dependencies);
  const state = endToldAccess(read, before.head.told ?? [], [...before.watches.values()], date);
  const isOver = !exists && state.members.size === 0 && state.watches.size === 0;
  const isWaiting = [...state.fanouts.values()].some(({ begunAt }) => begunAt === null);
  const beginsAt = isWaiting ? (state.head.group?.notBefore ?? date) : null;
  const readsAt = isOver ? null : membersWake(state, every, timings);
  const times = [rolesWake(state), beginsAt, readsAt].filter((time) => time !== null);
  return { state, overdue, wakeAt: times.length === 0 ? null : Math.max(date, Math.min(...times)) };
}

const isWatched = (watched: WatchedGroups, before: PrincipalState, now: PrincipalState): boolean =>
  watched === "auto"
    ? now.head.group?.assignableToRole === true || before.watches.size > 0 || now.watches.size > 0
    : watched.has(now.principalId);
