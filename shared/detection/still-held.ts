import type { GraphTime } from "../base/clock.ts";
import type { GroupAccess, GroupPath } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { covers, heldSince, samePrivilege } from "../model/holding.ts";
import { closedAs, isRole, type PendingRevocation } from "../model/pending-revocation.ts";
import { closeAll, isCovered, type PrincipalState, pendingOf } from "../model/principal.ts";
import { isNear } from "./audit-match.ts";
import type { Timings } from "./cadences.ts";
import type { Lag } from "./lag.ts";

/** Until when it was held, as far as known: PIM may be minutes late with an announced end, but what is missed only after an outage ended long before. */
const heldUntil = ({ lastHeld, cutOff }: PendingRevocation, { staleRow }: Lag): GraphTime =>
  cutOff - lastHeld > staleRow ? lastHeld : cutOff;

/** One closed as `stillHeld` was no loss; one closed for its age does not say what was held after it. */
const saysNothing = (one: PendingRevocation, of: PendingRevocation, lag: Lag): boolean =>
  one.progress.state === "closed" &&
  (one.progress.outcome === "stillHeld" ||
    (["stale", "failed"].includes(one.progress.outcome) && heldUntil(one, lag) < heldUntil(of, lag) - lag.ownAndGroup));

/**
 * Whether a loss that a group's pass has found is recorded already. The member's own pass, or that of another group, finds it up to `ownAndGroup` (lag table)
 * before or after. A group's pass may be late: its loss may be as old as an announced end, or as its last answer that still showed the privilege. Pure.
 */
export function isRecorded(loss: PendingRevocation, state: PrincipalState, lag: Lag): boolean {
  const { key, cutOff, lastHeld, seenSince = cutOff, startDateTime, through, foundBy } = loss;
  if (state.revocations.has(key)) return true;
  return [...state.revocations.values()].some((other) => {
    if (!isOfSame(other, loss)) return false;
    const isOfSameGroup = other.through?.groupId === through?.groupId;
    // The same group's records are of other stays. But of a stay that only the audit log reports nothing but its end is known.
    if (isOfSameGroup && other.through?.ended !== "either")
      return foundBy === "audit" && other.through?.ended === "access" && isNear(other.cutOff, { at: cutOff }, lag);
    // Of two that wait for a call only the last one counts: see `isStillHeld`. One whose call is under way waits no more.
    const isWaiting = other.progress.state === "pending" && !isCovered(other, state);
    if ((isWaiting && !isOfSameGroup) || saysNothing(other, loss, lag)) return false;
    if (hasOutlived(other, loss, state, lag)) return true;
    // What was lost before the privilege was held that way. A member first seen after the role's end may have been in the group for long.
    if (other.cutOff < seenSince && seenSince < cutOff) return false;
    // For a role only if it is the very same assignment: one that was made again meanwhile has another start.
    const isTheVery = through?.ended === "access" || (startDateTime !== null && other.startDateTime === startDateTime);
    const shownAt = isTheVery ? (loss.shownAt ?? cutOff) : cutOff;
    const earliest = Math.min(shownAt, lastHeld, cutOff - lag.ownAndGroup);
    return other.cutOff >= earliest && other.cutOff <= cutOff + lag.ownAndGroup;
  });
}

const isOfSame = (a: PendingRevocation, b: PendingRevocation): boolean =>
  isRole(a)
    ? isRole(b) && samePrivilege(a, b)
    : "access" in a && "access" in b && a.groupId === b.groupId && a.access === b.access;

/**
 * Whether the principal still holds the lost privilege: at the same or a wider scope, another way, or again. Only a holding counts, since its own loss will
 * be noticed; `doubtful` while every such holding is being denied. Whether the user is in a group again only the group shows: see `isRenewed`. Pure.
 */
export function isStillHeld(revocation: PendingRevocation, state: PrincipalState, lag: Lag) {
  if (!isRole(revocation)) return "no";
  const { holdings, revocations } = state;
  const covering = [...holdings.values()].filter((holding) => covers(holding, revocation));
  if (covering.some(({ absence }) => absence === null)) return "yes";
  if (covering.length > 0) return "doubtful";
  // Another loss without an outcome may show that the privilege went on.
  const open = [...revocations.values()].filter(({ progress }) => progress.state !== "closed");
  return open.some((other) => isOfSame(other, revocation) && hasOutlived(other, revocation, state, lag)) ? "yes" : "no";
}

/** Whether the privilege began to be held the other way before this loss, and was held longer. At one moment the member's own, whose key is lower, counts. */
function hasOutlived(other: PendingRevocation, loss: PendingRevocation, { ended }: PrincipalState, lag: Lag): boolean {
  const { key, cutOff, seenSince } = other;
  const holding = ended.get(key);
  const began = seenSince ?? (holding === undefined ? cutOff : heldSince(holding));
  // Who is first seen in a group that has lost the role already may have been in it for long.
  const isSeenLate = seenSince !== undefined && seenSince >= cutOff;
  const longer = heldUntil(other, lag) - heldUntil(loss, lag) || Number(key < loss.key);
  return (began <= heldUntil(loss, lag) || isSeenLate) && longer > 0;
}

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
