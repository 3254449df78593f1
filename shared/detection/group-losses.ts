import { rowKey } from "../base/keys.ts";
import { instantMsCeil } from "../graph/instants-and-ids.ts";
import { type Fanout, type GroupEnd, type Member, memberKey } from "../model/group.ts";
import { type Holding, heldSince } from "../model/holding.ts";
import { isRole, type Outcome, type Progress, type RoleObligation } from "../model/pending-revocation.ts";
import type { PrincipalState, ToldAccess, ToldEnd } from "../model/principal.ts";
import { privilegeOf } from "../model/privilege.ts";
import type { Lag } from "./lag.ts";
import { isStillHeld } from "./one-loss.ts";
import type { Timings } from "./timings.ts";

/**
 * The state of a group with the ends of its roles turned into ends for its members. A role that the group still holds another way is lost to
 * nobody: that is recorded in the group's own partition. Pure.
 */
export function endRoles(state: PrincipalState, date: number): PrincipalState {
  const pending = [...state.obligations.values()].filter(isRole).filter(({ progress }) => progress.state === "pending");
  if (pending.length === 0) return state;
  const obligations = new Map(state.obligations);
  const lost: RoleObligation[] = [];
  for (const obligation of pending) {
    if (isStillHeld(obligation, state) !== "no") {
      obligations.set(obligation.key, { ...obligation, progress: closed("stillHeld", date, null) });
    } else {
      obligations.delete(obligation.key);
      lost.push(obligation);
    }
  }
  const [first] = lost;
  if (first === undefined) return { ...state, obligations };
  const ends = lost.map((obligation) => toEnd(obligation, state.principalId));
  const fanout = newFanout(first.key, null, ends, null);
  return { ...state, obligations, fanouts: new Map(state.fanouts).set(fanout.key, fanout) };
}

/** The group's ends for those who have left it, judged by the roles that it held when they were last seen in it. */
export function endAccess(
  state: PrincipalState,
  left: readonly Member[],
  roles: readonly Holding[],
  date: number,
  foundBy: string,
): PrincipalState {
  if (left.length === 0) return state;
  const fanouts = new Map(state.fanouts);
  for (const member of left) {
    const ends = accessEnds(state.principalId, member, roles, date, foundBy);
    if (ends.length === 0) continue;
    const { principalId, access, firstSeen } = member;
    const key = rowKey("left", access, principalId, String(firstSeen));
    fanouts.set(key, newFanout(key, { principalId, access, firstSeen }, ends, date));
  }
  return { ...state, fanouts };
}

function accessEnds(
  groupId: string,
  member: Member,
  roles: readonly Holding[],
  date: number,
  foundBy: string,
): GroupEnd[] {
  const cutOff = member.absence?.since ?? date;
  const end = member.end === null ? null : instantMsCeil(member.end);
  const planned = end !== null && cutOff >= end;
  const facts = {
    end: planned ? ("expired" as const) : ("unknown" as const),
    planned,
    startDateTime: member.start,
    endDateTime: member.end,
    ...(member.absence?.after === undefined ? {} : { shownAt: member.absence.after }),
    cutOff,
    lastHeld: planned ? end : cutOff,
    // A notification may have stood for the second answer.
    foundBy: foundBy === "notification" ? foundBy : (member.absence?.by ?? foundBy),
    foundAt: date,
    through: { groupId, ended: "access" as const },
  };
  const access = { ...facts, key: member.access, groupId, access: member.access };
  // An owner holds the group, not its roles.
  if (member.access === "owner") return [access];
  // A role that came after they were first missed was never theirs.
  if (member.carried.length === 0) return [access];
  // None: the group's roles have ended since the first absence, and with the snapshot that end was passed on to this member too.
  const carried = roles.filter(({ key }) => member.carried.includes(key));
  // One that was extended under a new key meanwhile is the same role all the same.
  const lost = carried.length > 0 ? carried : roles;
  return lost.map((role) => ({ ...facts, ...privilegeOf(role), key: role.key }));
}

function toEnd({ progress: _, sessionsValidFromBefore: __, ...facts }: RoleObligation, groupId: string): GroupEnd {
  return { ...facts, through: { groupId, ended: "role" } };
}

const newFanout = (
  key: string,
  member: Fanout["member"],
  ends: readonly GroupEnd[],
  begunAt: number | null,
): Fanout => ({
  key,
  member,
  ends,
  begunAt,
  except: [],
  position: null,
  told: 0,
});

/** The state of a group that nobody asked us to watch: what its members lost is said to be out of reach, in its own partition. Pure. */
export function leaveAlone(state: PrincipalState, date: number): PrincipalState {
  const obligations = new Map(state.obligations);
  for (const obligation of obligations.values()) {
    if (obligation.progress.state !== "pending") continue;
    obligations.set(obligation.key, {
      ...obligation,
      progress: closed("outOfScope", date, "groupNotWatched"),
    });
  }
  return { ...state, obligations };
}

const closed = (outcome: Outcome, closedAt: number, detail: string | null): Progress => ({
  state: "closed",
  outcome,
  closedAt,
  acceptedAt: null,
  verified: false,
  detail,
});

/**
 * The group's ends for those who came and went between two readings of its members, as the audit log tells. `roles` are those that the
 * group holds. Pure.
 */
export function endToldAccess(
  state: PrincipalState,
  told: readonly ToldEnd[],
  roles: readonly Holding[],
  date: number,
  { lag }: Timings,
): PrincipalState {
  const unwatched = told.filter((end) => end.kind === "access").filter((end) => !wasMember(state, end, lag));
  return unwatched.reduce((before, end) => {
    const held = roles.filter((role) => heldSince(role) <= end.at);
    return endAccess(before, [passingMember(end, held)], held, date, "audit");
  }, state);
}

/** Of those whom we saw in the group the readings tell: that they are in it, or that they left it at this time. */
function wasMember({ members }: PrincipalState, end: ToldAccess, lag: Lag): boolean {
  const member = members.get(memberKey(end));
  if (member === undefined) return false;
  if (member.firstSeen > end.at) return false;
  // What the log tells of the time in which they were seen in the group, or of its end, is known.
  return member.left === null || end.at <= member.left.at + lag.auditSlack;
}

/** Nobody has seen them in the group. Their stay is told from others by its end. */
const passingMember = ({ principalId, access, at }: ToldAccess, held: readonly Holding[]): Member => ({
  principalId,
  access,
  chunk: 0,
  scheduleId: null,
  start: null,
  end: null,
  listedEnd: null,
  firstSeen: at,
  absence: { since: at, last: at, sessionsValidFrom: null },
  carried: held.map(({ key }) => key),
  overdueRaised: false,
  left: null,
});
