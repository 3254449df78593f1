import type { GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import {
  type EndedHolding,
  endHolding,
  type Holding,
  heldSince,
  privilegeOf,
  samePrivilege,
  termOf,
} from "../model/holding.ts";
import { closedAs, endFactsOf, isRole, type PendingRevocation, pending } from "../model/pending-revocation.ts";
import {
  type AuditEnd,
  byKey,
  closeAll,
  type Fanout,
  type GroupEnd,
  type Member,
  memberKey,
  newMember,
  type PrincipalState,
  pendingOf,
  withWake,
} from "../model/principal.ts";
import type { Timings } from "./cadences.ts";
import type { Lag } from "./lag.ts";
import { isRecorded, isStillHeld } from "./still-held.ts";

/** A group's state with its pending role losses turned into a fan-out to its members, or closed as `stillHeld` where it holds the role another way. Pure. */
export function endRoles(state: PrincipalState, date: GraphTime, lag: Lag): PrincipalState {
  const ended = pendingOf(state).filter(isRole);
  const lost = ended.filter((revocation) => isStillHeld(revocation, state, lag) === "no");
  const held = ended.filter((revocation) => !lost.includes(revocation));
  const closed = closeAll(state, held, closedAs("stillHeld", date));
  const [first] = lost;
  if (first === undefined) return closed;
  const revocations = new Map(closed.revocations);
  for (const { key } of lost) revocations.delete(key);
  const ends = lost.map(({ progress: _, sessionsValidFromBefore: __, ...facts }): GroupEnd => {
    const seenSince = state.ended.get(facts.key)?.firstSeen;
    const through = { groupId: state.principalId, ended: "role" as const };
    return { ...facts, ...(seenSince === undefined ? {} : { seenSince }), through };
  });
  const fanout = newFanout(first.key, null, ends, null);
  return { ...closed, revocations, fanouts: new Map([...state.fanouts, [fanout.key, fanout]]) };
}

/** The fan-outs to members who left: the ends of the roles that the group held when each was last seen in it. Pure. */
export const endAccess = (state: PrincipalState, left: readonly Member[], roles: Roles, date: GraphTime, by: string) =>
  left.flatMap((member): Fanout[] => {
    const ends = accessEnds(state, member, roles, date, by);
    const key = rowKey("left", member.access, member.principalId, String(member.firstSeen));
    return ends.length === 0 ? [] : [newFanout(key, member, ends, date)];
  });

/** The fan-outs to members of `before` whom answers denied by mistake: what the group has lost since each was last seen. Pure. */
export const endMissed = (state: PrincipalState, before: PrincipalState["members"], date: GraphTime) =>
  [...before].flatMap(([id, { absence, left }]): Fanout[] => {
    const member = state.members.get(id);
    if (absence === null || left !== null || member?.absence !== null) return [];
    const ends = endsSince(state, member, absence.after ?? absence.since);
    return ends.length === 0 ? [] : [newFanout(rowKey("back", id, String(date)), member, ends, date)];
  });

/** Whether the group held the role when the member was last seen in it: one that it got later was never the member's. */
export const wasTheirs = ({ absence }: Member, role: Holding | EndedHolding | undefined): boolean =>
  role === undefined || heldSince(role) <= (absence?.after ?? absence?.since ?? Number.POSITIVE_INFINITY);

type Roles = readonly (Holding | EndedHolding)[];

function accessEnds(state: PrincipalState, member: Member, roles: Roles, date: GraphTime, foundBy: string): GroupEnd[] {
  const { principalId: groupId, ended } = state;
  const facts = {
    ...endFactsOf(member, date, foundBy),
    // A notification may have replaced the second answer.
    ...(foundBy === "notification" ? { foundBy } : {}),
    through: { groupId, ended: "access" as const },
  };
  const held = roles.filter((role) => wasTheirs(member, role));
  // One that has ended since then was fanned out to everybody in the snapshot, this member included.
  const isFannedOut = (role: EndedHolding) =>
    role.cutOff >= (member.absence?.after ?? Infinity) && wasTheirs(member, role);
  // An owner controls the group but does not hold its roles.
  if (member.access === "owner" || (held.length === 0 && ![...ended.values()].some(isFannedOut)))
    return [{ ...facts, key: member.access, groupId, access: member.access }];
  // A role that was extended under a new key meanwhile is still the same role.
  const lost = held.length > 0 ? held : roles;
  return lost.map((role) => ({ ...facts, ...privilegeOf(role), key: role.key, seenSince: role.firstSeen }));
}

/** A fan-out to this member, or to everybody; it begins at `begunAt`. */
export function newFanout(key: string, to: Fanout["member"], ends: Fanout["ends"], begunAt: GraphTime | null): Fanout {
  const member = to && { principalId: to.principalId, access: to.access, firstSeen: to.firstSeen };
  return { key, member, ends, begunAt, except: [], position: null, reached: 0 };
}

/** The state of a group that the settings do not watch: its losses are closed as `outOfScope` in its own partition. Pure. */
export const leaveAlone = (state: PrincipalState, date: number): PrincipalState =>
  closeAll(state, pendingOf(state), closedAs("outOfScope", date, "groupNotWatched"));

/** The group's state with a fan-out for each member who joined and left between two readings of its members, as the audit log reports. Pure. */
export function endReportedAccess(
  state: PrincipalState,
  auditEnds: readonly AuditEnd[],
  roles: readonly Holding[],
  date: number,
  { lag }: Timings,
): PrincipalState {
  const left = auditEnds.flatMap((end): Member[] => {
    if (end.kind !== "access") return [];
    const { principalId, access, at } = end;
    const seen = state.members.get(memberKey(end));
    // Readings that saw this member before the reported end also show that the member is still in the group, or find this end: within that stay or at its end.
    if (seen !== undefined && seen.firstSeen <= at && (seen.left === null || at <= seen.left.at + lag.auditSlack))
      return [];
    // No reading saw this member in the group: the reported end distinguishes this stay from others.
    return [{ ...newMember(principalId, access, 0, at), absence: absentAt(at) }];
  });
  return { ...state, fanouts: new Map([...state.fanouts, ...byKey(endAccess(state, left, roles, date, "audit"))]) };
}

/** What a member lost through this group since `since`, as its rows still show it, under the keys of the fan-out: a repetition adds only what is missing. */
export function endsSince(state: PrincipalState, member: Member, since: number): readonly GroupEnd[] {
  const { principalId: groupId, holdings, ended, revocations } = state;
  const { access, firstSeen, left } = member;
  // A loss that the group's own partition closed was no loss for its members.
  const lost = [...ended.values()].filter(({ key }) => !revocations.has(key));
  const ofRoles = lost
    .filter(({ endedAt, cutOff }) => endedAt >= since && firstSeen <= cutOff && cutOff <= (left?.at ?? cutOff))
    .filter((role) => wasTheirs(member, role))
    .map((role): GroupEnd => {
      const term = { ...termOf({ ...role, group: null }), absence: absentAt(role.cutOff) };
      const facts = { ...endFactsOf(term, role.endedAt, "audit"), key: role.key, seenSince: role.firstSeen };
      return { ...privilegeOf(role), ...facts, through: { groupId, ended: "role" } };
    });
  const shared = access === "member" ? ofRoles : [];
  if (left === null || left.at < since) return shared;
  const held = [...holdings.values(), ...lost.filter(({ cutOff }) => cutOff > left.at)];
  return [...shared, ...accessEnds(state, member, held, left.at, "audit")];
}

const absentAt = (since: number) => ({ since, last: since, sessionsValidFrom: null });

/** The pending revocation that a group's end causes for one member. The group's role and the membership have one key: both ends at once make one. */
export function toRevocation(end: GroupEnd, member: Pick<Member, "access" | "firstSeen">): PendingRevocation {
  const key = rowKey("via", end.through.groupId, member.access, String(member.firstSeen), end.key);
  const seenSince = Math.max(end.seenSince ?? 0, member.firstSeen);
  // The member's first pass fills in what is not known here.
  return { ...end, key, seenSince, sessionsValidFromBefore: null, progress: pending };
}

/**
 * A member's state with the group's losses added that no pass has recorded yet. Holdings through the lost group paths end with them. `wakeAt`: storage's time
 * of the member's next pass. Pure.
 */
export function addLosses(state: PrincipalState, losses: readonly PendingRevocation[], wakeAt: number, lag: Lag) {
  const { head, revocations } = state;
  const added = losses.filter((end) => !isRecorded(end, state, lag));
  if (added.length === 0) return state;
  const roles = added.filter(isRole);
  const ended = [...state.holdings.values()].flatMap((holding) => {
    const end = roles.find((one) => samePrivilege(holding, one) && holding.group?.groupId === one.through?.groupId);
    return end === undefined ? [] : [endHolding(holding, end.cutOff, "group")];
  });
  const gone = byKey(ended);
  return {
    ...state,
    head: withWake(head, wakeAt),
    holdings: new Map([...state.holdings].filter(([key]) => !gone.has(key))),
    ended: new Map([...state.ended, ...gone]),
    revocations: new Map([...revocations, ...byKey(added)]),
  };
}
