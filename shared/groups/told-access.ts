import type { ToldAccess, ToldEnd } from "../assignments/told-end.ts";
import { endAccess } from "../detection/group-losses.ts";
import type { Lag } from "../detection/lag.ts";
import type { Timings } from "../detection/timings.ts";
import { type Member, memberKey } from "../model/group.ts";
import { type Holding, heldSince } from "../model/holding.ts";
import type { PrincipalState } from "../model/principal.ts";

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
