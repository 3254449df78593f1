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
import {
  closedAs,
  endFactsOf,
  isRole,
  type PendingRevocation,
  pending,
  type RoleRevocation,
} from "../model/pending-revocation.ts";
import {
  type AccessAuditEnd,
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
  withOpenEnds,
} from "../model/principal.ts";
import type { Timings } from "./cadences.ts";
import type { Lag } from "./lag.ts";
import { isReportedLoss, isStillHeld, recordOnce } from "./still-held.ts";

/** A group's state with its pending role losses turned into a fan-out to its members, or closed as `stillHeld` where it holds the role another way. Pure. */
export function endRoles(state: PrincipalState, date: GraphTime): PrincipalState {
  const ended = pendingOf(state).filter(isRole);
  const lost = ended.filter((revocation) => isStillHeld(revocation, state) === "no");
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
  const fanouts = new Map(state.fanouts);
  fanouts.set(first.key, newFanout({ key: first.key, member: null, ends, begunAt: null }));
  return { ...closed, revocations, fanouts };
}

/** The group's state with a fan-out for each member who left: the ends of the roles that it held when the member was last seen in it. Pure. */
export function endAccess(state: PrincipalState, left: readonly Member[], roles: Roles, date: GraphTime, by: string) {
  const fanouts = new Map(state.fanouts);
  for (const member of left) {
    const { principalId, access, firstSeen } = member;
    const ends = accessEnds(state.principalId, member, roles, date, by);
    const key = rowKey("left", access, principalId, String(firstSeen));
    const only = { principalId, access, firstSeen };
    if (ends.length > 0) fanouts.set(key, newFanout({ key, member: only, ends, begunAt: date }));
  }
  return { ...state, fanouts };
}

type Roles = readonly (Holding | EndedHolding)[];

function accessEnds(groupId: string, member: Member, roles: Roles, date: GraphTime, foundBy: string): GroupEnd[] {
  const facts = {
    ...endFactsOf(member, date, foundBy),
    // A notification may have replaced the second answer.
    ...(foundBy === "notification" ? { foundBy } : {}),
    through: { groupId, ended: "access" as const },
  };
  // An owner controls the group but does not hold its roles. A role that the group got after the member was first missed was never the member's.
  if (member.access === "owner" || member.carried.length === 0)
    return [{ ...facts, key: member.access, groupId, access: member.access }];
  // Empty when these roles have ended since the first absence: that end was fanned out to everybody in the snapshot, this member included.
  const carried = roles.filter(({ key }) => member.carried.includes(key));
  // A role that was extended under a new key meanwhile is still the same role.
  const lost = carried.length > 0 ? carried : roles;
  return lost.map((role) => ({ ...facts, ...privilegeOf(role), key: role.key, seenSince: role.firstSeen }));
}

function newFanout(begun: Pick<Fanout, "key" | "member" | "ends" | "begunAt">): Fanout {
  return { ...begun, except: [], position: null, reached: 0 };
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
  const unseen = auditEnds.filter((end) => end.kind === "access").filter((end) => !wasMember(state, end, lag));
  return unseen.reduce((before, { principalId, access, at }) => {
    const held = roles.filter((role) => heldSince(role) <= at);
    // No reading saw this member in the group: the reported end distinguishes this stay from others.
    const seen = newMember(principalId, access, 0, at);
    const member = { ...seen, absence: absentAt(at), carried: held.map(({ key }) => key) };
    return endAccess(before, [member], held, date, "audit");
  }, state);
}

/** Whether the group's readings saw this member before the reported end: then they also show that the member is still in it, or find this end. */
function wasMember({ members }: PrincipalState, end: AccessAuditEnd, lag: Lag): boolean {
  const member = members.get(memberKey(end));
  if (member === undefined || member.firstSeen > end.at) return false;
  // An end within the stay that the readings saw, or at its end, is known.
  return member.left === null || end.at <= member.left.at + lag.auditSlack;
}

/** What a member lost through this group since `since`, as its rows still show it, under the keys of the fan-out: a repetition adds only what is missing. */
export function endsSince(state: PrincipalState, member: Member, since: number): readonly GroupEnd[] {
  const { principalId: groupId, holdings, ended, revocations } = state;
  const { access, firstSeen, left } = member;
  // A loss that the group's own partition closed was no loss for its members.
  const lost = [...ended.values()].filter(({ key }) => !revocations.has(key));
  const ofRoles = lost
    .filter(({ endedAt, cutOff }) => endedAt >= since && firstSeen <= cutOff && cutOff <= (left?.at ?? cutOff))
    .map((role): GroupEnd => {
      const term = { ...termOf({ ...role, group: null }), absence: absentAt(role.cutOff) };
      const facts = { ...endFactsOf(term, role.endedAt, "audit"), key: role.key, seenSince: role.firstSeen };
      return { ...privilegeOf(role), ...facts, through: { groupId, ended: "role" } };
    });
  const shared = access === "member" ? ofRoles : [];
  if (left === null || left.at < since) return shared;
  const held = [...holdings.values(), ...lost.filter(({ cutOff }) => cutOff > left.at)];
  const carried = held.filter((role) => role.firstSeen <= left.at);
  const gone = { ...member, carried: carried.map(({ key }) => key) };
  return [...shared, ...accessEnds(groupId, gone, carried, left.at, "audit")];
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
 * A member's state with the losses added, each once: see `recordOnce`. Holdings through the lost group paths end with them. `since`: Graph's time when the
 * member was first seen in the group. `wakeAt`: storage's time of the member's next pass. Pure.
 */
export function addLosses(
  state: PrincipalState,
  { revocations: losses, since }: { readonly revocations: readonly PendingRevocation[]; readonly since: GraphTime },
  wakeAt: number,
  lag: Lag,
): PrincipalState {
  const { head, revocations } = state;
  const added = losses
    .filter((end) => !revocations.has(end.key) && !isReportedLoss(end, revocations.values(), lag))
    .flatMap<PendingRevocation>((end) => (isRole(end) ? recordOnce(end, since, state, lag) : end));
  if (added.length === 0) return state;
  const roles = added.filter(isRole).filter(({ key }) => !revocations.has(key));
  const holdings = new Map(state.holdings);
  const ended = new Map(state.ended);
  for (const holding of state.holdings.values()) {
    const isPath = (end: RoleRevocation) =>
      samePrivilege(holding, end) && holding.group?.groupId === end.through?.groupId;
    const end = roles.find(isPath);
    if (end === undefined) continue;
    holdings.delete(holding.key);
    ended.set(holding.key, endHolding(holding, end.cutOff, "group"));
  }
  return {
    ...state,
    head: withOpenEnds(head, added, wakeAt),
    holdings,
    ended,
    revocations: new Map([...revocations, ...byKey(added)]),
  };
}
