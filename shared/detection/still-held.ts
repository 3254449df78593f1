import type { GraphTime } from "../base/clock.ts";
import type { GroupAccess, GroupPath } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { covers, samePrivilege } from "../model/holding.ts";
import { closedAs, isRole, type PendingRevocation, type RoleRevocation } from "../model/pending-revocation.ts";
import { closeAll, type PrincipalState, pendingOf } from "../model/principal.ts";
import { isNear } from "./audit-match.ts";
import type { Timings } from "./cadences.ts";
import type { Lag } from "./lag.ts";

const isOfGroup = ({ through }: PendingRevocation): boolean => through !== undefined && through.ended !== "either";

/** One closed as `stillHeld` was no loss; one closed for its age, by an end long before the first denial, does not say what was held until then. */
const saysNothing = ({ progress, lastHeld, cutOff }: PendingRevocation, of: RoleRevocation, lag: Lag): boolean =>
  progress.state === "closed" &&
  (progress.outcome === "stillHeld" ||
    (["stale", "failed"].includes(progress.outcome) && lastHeld < Math.min(of.lastHeld, cutOff) - lag.ownAndGroup));

/**
 * The revocation by which another pass has already recorded this loss, if any. The member's own pass and the group's, or the passes of two groups, find one
 * loss up to `ownAndGroup` (lag table) apart. A group's pass may be late, so its loss may be as old as its last answer that still showed the privilege.
 * `since`: Graph's time since which the privilege was held that way: a loss before it is another loss. Pure.
 */
export function knownLoss(loss: RoleRevocation, since: GraphTime, known: Iterable<PendingRevocation>, lag: Lag) {
  const { ownAndGroup } = lag;
  return [...known].filter(isRole).find((other) => {
    if (!samePrivilege(other, loss)) return false;
    // `since` says nothing when it is after this loss: a member first seen after the role's end may have been in the group for long.
    const isEarlier = other.cutOff < since && since < loss.cutOff;
    if (saysNothing(other, loss, lag) || isEarlier) return false;
    const apart = Math.abs(other.cutOff - loss.cutOff);
    if (isOfGroup(other) === isOfGroup(loss))
      return isOfGroup(loss) && other.through?.groupId !== loss.through?.groupId && apart <= ownAndGroup;
    const [own, group] = isOfGroup(loss) ? [other, loss] : [loss, other];
    // For a role only if it is the very same assignment: one that was made again meanwhile has another start.
    const isTheVery =
      group.through?.ended === "access" || (own.startDateTime !== null && own.startDateTime === group.startDateTime);
    const shownAt = isTheVery ? (group.shownAt ?? group.cutOff) : group.cutOff;
    return own.cutOff <= group.cutOff + ownAndGroup && own.cutOff >= Math.min(shownAt, group.cutOff - ownAndGroup);
  });
}

/**
 * A loss as its revocation, unless another pass has recorded it. Of a recorded one that waits for its call the last moment of holding becomes the later one;
 * if the principal's own pass found this one, the cut-off as well: until then they held the privilege another way. Pure.
 */
export function recordOnce(loss: RoleRevocation, since: GraphTime, state: PrincipalState, lag: Lag): RoleRevocation[] {
  if (state.revocations.has(loss.key)) return [];
  const known = knownLoss(loss, since, state.revocations.values(), lag);
  if (known === undefined) return [loss];
  if (known.progress.state !== "pending") return [];
  const { cutOff, sessionsValidFromBefore } = !isOfGroup(loss) && loss.cutOff > known.cutOff ? loss : known;
  const lastHeld = Math.max(known.lastHeld, Math.min(loss.lastHeld, cutOff));
  const isSame = cutOff === known.cutOff && lastHeld === known.lastHeld;
  return isSame ? [] : [{ ...known, cutOff, sessionsValidFromBefore, lastHeld }];
}

/** Whether a member's end that the audit log reports was found by the group's own reading: matched by time, since only its end is kept of a stay. Pure. */
export const isReportedLoss = (loss: PendingRevocation, known: Iterable<PendingRevocation>, lag: Lag): boolean =>
  loss.foundBy === "audit" &&
  [...known].some(
    (other) =>
      other.through?.ended === "access" &&
      other.through.groupId === loss.through?.groupId &&
      isSameAccess(other, loss) &&
      isNear(other.cutOff, { at: loss.cutOff }, lag),
  );

const isSameAccess = (a: PendingRevocation, b: PendingRevocation): boolean =>
  isRole(a) ? isRole(b) && samePrivilege(a, b) : "access" in a && "access" in b && a.access === b.access;

/**
 * Whether the principal still holds the lost privilege: at the same or a wider scope, another way, or again. Only a holding counts, since its own loss will
 * be noticed; `doubtful` while every such holding is being denied. Whether the user is in a group again only the group shows: see `isRenewed`. Pure.
 */
export function isStillHeld(revocation: PendingRevocation, { holdings, revocations }: PrincipalState) {
  if (!isRole(revocation)) return "no";
  const covering = [...holdings.values()].filter((holding) => covers(holding, revocation));
  if (covering.some(({ absence }) => absence === null)) return "yes";
  if (covering.length > 0) return "doubtful";
  return [...revocations.values()].some((other) => hasOutlived(other, revocation)) ? "yes" : "no";
}

/** Whether another loss, without an outcome yet, shows that the privilege went on: its privilege began before this loss and ended after it. */
const hasOutlived = (other: PendingRevocation, revocation: RoleRevocation): boolean =>
  isRole(other) &&
  other.progress.state !== "closed" &&
  covers(other, revocation) &&
  other.cutOff > revocation.cutOff &&
  other.startDateTime !== null &&
  instantMs(other.startDateTime) <= revocation.cutOff;

/** Whether PIM for Groups must be read to see if the user is back in a group: only a new activation distinguishes that from a lagging replica. */
export const needsAccess = ({ revocations }: PrincipalState, date: number, { lag }: Timings): boolean =>
  [...revocations.values()]
    .filter(({ through }) => through !== undefined && through.ended !== "role")
    .some(({ progress, cutOff }) => progress.state === "pending" || date - cutOff < lag.staleRow);

/** The pending memberships and ownerships that no replica shows any more (lag table: staleRow): the group's lists show whether the user has it again. */
export const lostLongAgo = (state: PrincipalState, date: GraphTime, { lag }: Timings) =>
  pendingOf(state)
    .filter((end) => "access" in end)
    .filter(({ cutOff }) => date - cutOff >= lag.staleRow)
    .map(({ groupId, access }) => ({ principalId: state.principalId, groupId, access }));

/** Whether the user has activated the lost membership or ownership again, at or after its end. Pure. */
export function isRenewed(revocation: PendingRevocation, access: readonly GroupAccess[]): boolean {
  const { planned, endDateTime, cutOff } = revocation;
  const from = planned && endDateTime !== null ? instantMs(endDateTime) : cutOff;
  return rowsOf(revocation, access).some(
    ({ activated, startDateTime }) => activated && startDateTime !== null && instantMs(startDateTime) >= from,
  );
}

/** The rows of the membership or ownership that ended. */
function rowsOf(revocation: PendingRevocation, access: readonly GroupAccess[]): readonly GroupAccess[] {
  const { through } = revocation;
  if (through === undefined || through.ended === "role") return [];
  const wanted = "access" in revocation ? revocation.access : "member";
  return access.filter((row) => row.groupId === through.groupId && row.access === wanted);
}

/**
 * The state with each pending revocation closed as `stillHeld` whose membership or ownership the user has again; the group watches the new one. Within
 * `staleRow` (lag table) only a new activation proves that; later any row does, but a role's group paths decide, since the group may have lost it. Pure.
 */
export function closeRenewed(state: PrincipalState, access: readonly GroupAccess[], date: GraphTime, { lag }: Timings) {
  const renewed = pendingOf(state)
    .filter(({ through }) => through?.ended === "access")
    .filter((end) =>
      date - end.cutOff < lag.staleRow ? isRenewed(end, access) : !isRole(end) && rowsOf(end, access).length > 0,
    );
  return closeAll(state, renewed, closedAs("stillHeld", date));
}

/** The group paths without stale ones: those that ended with a loss through the same group, less than `staleRow` (lag table) ago. Pure. */
export function withoutStalePaths(
  paths: readonly GroupPath[],
  { revocations }: PrincipalState,
  access: readonly GroupAccess[],
  date: GraphTime,
  { lag }: Timings,
): readonly GroupPath[] {
  const fresh = [...revocations.values()].filter(({ cutOff }) => date - cutOff < lag.staleRow);
  return paths.filter((path) => !fresh.some((end) => hasEnded(path, end, access)));
}

function hasEnded(path: GroupPath, end: PendingRevocation, access: readonly GroupAccess[]): boolean {
  if (end.through?.groupId !== path.groupId) return false;
  // An owner does not hold the group's roles: the end of an ownership says nothing about the membership.
  if ("access" in end && end.access === "owner") return false;
  if (end.through.ended === "access") return !isRenewed(end, access);
  // The group's role or the membership ended: the member's own pass cannot distinguish them, and in both cases the same assignment is stale.
  if (!isRole(end) || !samePrivilege(path, end)) return false;
  if (end.through.ended === "either" && isRenewed(end, access)) return false;
  return path.roleAssignmentScheduleId === "" || path.startDateTime === end.startDateTime;
}
