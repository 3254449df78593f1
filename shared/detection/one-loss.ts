import type { GraphTime } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type PendingRevocation, type RoleRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { covers, samePrivilege } from "../model/privilege.ts";
import { isNear } from "./audit-match.ts";
import type { Lag } from "./lag.ts";

const isOfGroup = ({ through }: PendingRevocation): boolean => through !== undefined && through.ended !== "either";

/** A revocation closed as `stillHeld` was no loss. */
const isClosedAsHeld = ({ progress }: PendingRevocation): boolean =>
  progress.state === "closed" && progress.outcome === "stillHeld";

/**
 * Whether another pass has already recorded this loss. The member's own pass and the group's, or the passes of two groups, find one loss up to
 * `ownAndGroup` (lag table) apart. A group's pass may be late, so its loss may be as old as its last answer that still showed the privilege. Pure.
 * @param since Graph's time since which the privilege was held that way: a loss before it is another loss
 */
export function isKnownLoss(
  loss: RoleRevocation,
  since: GraphTime,
  known: Iterable<PendingRevocation>,
  { ownAndGroup }: Lag,
): boolean {
  return [...known].some((other) => {
    if (!isRole(other) || !samePrivilege(other, loss)) return false;
    // `since` says nothing when it is after this loss: a member first seen after the role's end may have been in the group for long.
    const isEarlier = other.cutOff < since && since < loss.cutOff;
    if (isClosedAsHeld(other) || isEarlier) return false;
    const areOfGroups = isOfGroup(other) && isOfGroup(loss);
    if (areOfGroups && other.through?.groupId !== loss.through?.groupId)
      return Math.abs(other.cutOff - loss.cutOff) <= ownAndGroup;
    if (isOfGroup(other) === isOfGroup(loss)) return false;
    const [own, group] = isOfGroup(loss) ? [other, loss] : [loss, other];
    // For a role only if it is the very same assignment: one that was made again meanwhile has another start.
    const isTheVery =
      group.through?.ended === "access" || (own.startDateTime !== null && own.startDateTime === group.startDateTime);
    const shownAt = isTheVery ? (group.shownAt ?? group.cutOff) : group.cutOff;
    return own.cutOff <= group.cutOff + ownAndGroup && own.cutOff >= Math.min(shownAt, group.cutOff - ownAndGroup);
  });
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

function isSameAccess(a: PendingRevocation, b: PendingRevocation): boolean {
  if (isRule(a) || isRule(b)) return false;
  if (isRole(a) || isRole(b)) return isRole(a) && isRole(b) && samePrivilege(a, b);
  return a.access === b.access;
}

/**
 * Whether the principal still holds the lost privilege: at the same or a wider scope, another way, or again. Only a holding counts, since its own loss will
 * be noticed; `doubtful` while every such holding is being denied. Whether the user is in a group again only the group shows: see `renewed-access.ts`.
 * Pure.
 */
export function isStillHeld(
  revocation: PendingRevocation,
  { holdings, revocations }: Pick<PrincipalState, "holdings" | "revocations">,
): "yes" | "no" | "doubtful" {
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
