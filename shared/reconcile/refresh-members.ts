import { endAccess } from "../detection/group-losses.ts";
import { almostSecond, membersWake } from "../detection/next-pass.ts";
import { missedAgain } from "../detection/observe.ts";
import { type MembersReading, observeMembers } from "../detection/observe-members.ts";
import { type GraphError, GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { GroupAccess } from "../graph/graph.ts";
import type { GroupHead, Member, PrincipalState } from "../model/principal.ts";
import type { CoreDependencies, GroupDependencies } from "./dependencies.ts";

export interface Refreshed {
  readonly state: PrincipalState;
  readonly overdue: readonly Member[];
  /** False when the group does not exist any more. */
  readonly exists: boolean;
}

interface Refresh {
  /** The state as loaded, with what the group held when its members were last read. */
  readonly before: PrincipalState;
  /** The state after this pass has judged the group's roles. */
  readonly state: PrincipalState;
  /** Graph's time of the group's own answer. */
  readonly date: number;
  /** Milliseconds between two reads while no end is expected. */
  readonly every: number;
  readonly foundBy: string;
  /** An authenticated notification says that the members changed. */
  readonly isHinted: boolean;
}

/**
 * Reads a group's members when that is due, when a notification reported a change, or when a fan-out waits for the current members. A failed
 * read is not thrown and only sets when to try again: the ends of the group's roles must not wait for it.
 */
export async function refreshMembers(
  { before, state, date, every, foundBy, isHinted }: Refresh,
  groups: GroupDependencies,
  dependencies: CoreDependencies,
): Promise<Refreshed> {
  const { timings } = dependencies;
  const waits = [...state.fanouts.values()].some(({ begunAt }) => begunAt === null);
  const isDue = membersWake(state, isHinted ? 0 : every, timings) <= date + almostSecond;
  if (!waits && !isDue) return { state, overdue: [], exists: true };
  const reading = await readMembers(state, groups, dependencies);
  if (isGraphError(reading)) {
    return {
      state: withGroup(state, { notBefore: date + waitAfter(reading, dependencies) }),
      overdue: [],
      exists: true,
    };
  }
  const carried = recentRoles(before, state, reading.date - timings.passSlowly);
  const frozen = [...before.fanouts.values()].some(({ member }) => member === null);
  const known = state.head.missing === undefined ? state.members : stillKnown(state.members, reading.date, timings);
  const observed = observeMembers(known, reading, { carried, frozen, isHinted, by: foundBy }, timings);
  const joined = [...observed.members.values()].filter(({ firstSeen }) => firstSeen === reading.date);
  const begun = await begin({ ...state, members: observed.members }, joined, reading.date, groups);
  const ended = endAccess(begun, observed.left, [...before.holdings.values()], reading.date, foundBy);
  const notBefore = reading.access === null ? reading.date + timings.holdEvery : null;
  const { exists } = reading.holders;
  const { missing = null, ...head } = ended.head;
  const found = {
    ...ended,
    head: exists ? head : { ...head, missing: missedAgain(missing, reading.date, timings.lag) },
  };
  return { state: withGroup(found, { readAt: reading.date, notBefore }), overdue: observed.overdue, exists };
}

/** The members of a group that Graph did not find, without those who left so long ago that no replica still shows them: if it is restored, they are members anew. */
const stillKnown = (members: PrincipalState["members"], date: number, { lag }: CoreDependencies["timings"]) =>
  new Map([...members].filter(([, { left }]) => left === null || date - left.at < lag.staleRow));

/**
 * Roles that the group held when its members were last read, or lost a moment ago. A member who is missing now had these roles through the
 * group, but was never seen to have a role that the group got later.
 */
const recentRoles = (
  { holdings, head }: PrincipalState,
  { ended: now }: PrincipalState,
  since: number,
): readonly string[] => {
  const readAt = head.group?.readAt ?? Number.POSITIVE_INFINITY;
  const held = [...holdings.values()].filter(({ firstSeen }) => firstSeen <= readAt);
  const ended = [...now.values()].filter(({ endedAt }) => endedAt >= since);
  return [...new Set([...held, ...ended].map(({ key }) => key))];
};

async function readMembers(
  { principalId: groupId, head }: PrincipalState,
  groups: GroupDependencies,
  dependencies: CoreDependencies,
) {
  try {
    const [holders, access] = await Promise.all([
      groups.graph.readHolders(groupId),
      readAccess(groupId, groups, dependencies),
    ]);
    dependencies.graphClock.observe(holders);
    const reading: MembersReading = {
      holders: holders.value,
      access: access?.value ?? null,
      date: Math.max(holders.date, access?.date ?? holders.date),
      before: head.group?.readAt ?? null,
    };
    return reading;
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { code, status = null, message } = error;
    const properties = { principalId: groupId, code, status, message };
    if (error instanceof GraphRetryableError) dependencies.telemetry.event("membersUnread", properties);
    else dependencies.telemetry.alarm("membersRefused", properties);
    return error;
  }
}

/** Null on 403: without this permission no member is seen to leave a group, but the ends of the group's roles are still fanned out. */
async function readAccess(
  groupId: string,
  groups: GroupDependencies,
  { telemetry }: CoreDependencies,
): Promise<{ readonly value: readonly GroupAccess[]; readonly date: number } | null> {
  try {
    return await groups.graph.readAccess({ groupId });
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || error.status !== 403) throw error;
    const { code, status, message } = error;
    telemetry.alarm("groupAccessRefused", { principalId: groupId, code, status, message });
    return null;
  }
}

/** Starts the fan-outs that waited for this reading, except for members who joined after the end according to the audit log. */
async function begin(
  state: PrincipalState,
  joined: readonly Member[],
  date: number,
  { joinedSince }: GroupDependencies,
): Promise<PrincipalState> {
  const waiting = [...state.fanouts.values()].filter(({ begunAt }) => begunAt === null);
  if (waiting.length === 0) return state;
  const fanouts = new Map(state.fanouts);
  for (const fanout of waiting) {
    const cutOff = Math.min(...fanout.ends.map((end) => end.cutOff));
    const ids = joined.map(({ principalId }) => principalId);
    const except = ids.length === 0 ? [] : [...(await joinedSince(state.principalId, ids, cutOff))];
    fanouts.set(fanout.key, { ...fanout, begunAt: date, except });
  }
  return { ...state, fanouts };
}

function withGroup(state: PrincipalState, change: Partial<GroupHead>): PrincipalState {
  const { group } = state.head;
  return group === undefined ? state : { ...state, head: { ...state.head, group: { ...group, ...change } } };
}

function waitAfter(error: GraphError, { timings }: CoreDependencies): number {
  if (!(error instanceof GraphRetryableError)) return timings.holdEvery;
  return Math.max(error.retryAfter ?? 0, timings.retryEvery);
}

/** Resource units (Graph docs: throttling-limits) of one pass of a group: members in pages of 999, owners, PIM's list and the group's roles. */
const unitsPerPage = 4;
const unitsBeside = 5;
const pageSize = 999;

/** The share that reading members may take of 3,500 units in 10 s, the quota of the smallest tenants (Graph docs: throttling-limits). */
const readShare = 0.05;
export const unitsPerSecond = (readShare * 3500) / 10;

/** Milliseconds: the default interval of the resync. */
const atMostEvery = 10_000;

/** Milliseconds between two reads of a group's members. Each watched group gets the same share of the budget, in resource units per second. */
export function readEvery(members: number, groups: number, budgetPerSecond: number): number {
  const units = unitsBeside + unitsPerPage * Math.max(1, Math.ceil(members / pageSize));
  return Math.max(atMostEvery, (1000 * units * Math.max(1, groups)) / budgetPerSecond);
}
