import type { GraphTime } from "../base/clock.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type PendingRevocation, type RoleRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { covers, samePrivilege } from "../model/privilege.ts";
import { isNear } from "./audit-match.ts";
import type { Lag } from "./lag.ts";

const isOfGroup = ({ through }: PendingRevocation): boolean => through !== undefined && through.ended !== "either";

/** What was still held is no loss. */
const isClosedAsHeld = ({ progress }: PendingRevocation): boolean =>
  progress.state === "closed" && progress.outcome === "stillHeld";

/**
 * Whether a loss is known that the member's own pass and the group's both find, or the passes of two groups: whoever loses a privilege for good loses it once, whatever gave it last. The
 * two find it apart (lag table: ownAndGroup); the group's, which may have read its members late, from its last answer on that still showed it. Pure.
 * @param since from when on the privilege was held that way, Graph's time: what was lost before that is another loss
 */
export function isKnownLoss(
  loss: RoleRevocation,
  since: GraphTime,
  known: Iterable<PendingRevocation>,
  { ownAndGroup }: Lag,
): boolean {
  return [...known].some((other) => {
    if (!isRole(other) || !samePrivilege(other, loss)) return false;
    // Who is first seen in a group when its role has ended may have been in it for long.
    const isEarlier = other.cutOff < since && since < loss.cutOff;
    if (isClosedAsHeld(other) || isEarlier) return false;
    const areOfGroups = isOfGroup(other) && isOfGroup(loss);
    if (areOfGroups && other.through?.groupId !== loss.through?.groupId)
      return Math.abs(other.cutOff - loss.cutOff) <= ownAndGroup;
    if (isOfGroup(other) === isOfGroup(loss)) return false;
    const [own, group] = isOfGroup(loss) ? [other, loss] : [loss, other];
    // Of a role only if it is the very assignment: one that was made again meanwhile has another start.
    const isTheVery =
      group.through?.ended === "access" || (own.startDateTime !== null && own.startDateTime === group.startDateTime);
    const shownAt = isTheVery ? (group.shownAt ?? group.cutOff) : group.cutOff;
    return own.cutOff <= group.cutOff + ownAndGroup && own.cutOff >= Math.min(shownAt, group.cutOff - ownAndGroup);
  });
}

/** Whether what the audit log reports of a member is an end that the group's own reading found: of one stay in a group nobody keeps more than its end. Pure. */
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
 * Whether the principal holds the lost privilege all the same: at the same or a wider scope, another way, or again. Only a holding counts, so its own loss
 * will be noticed as well; `doubtful` while all that is left is being denied. Whether the user is in a group again only the group shows: see
 * `renewed-access.ts`.
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

/** Whether another loss that is still to be settled shows that the privilege went on: what it ended had begun before this one. */
const hasOutlived = (other: PendingRevocation, revocation: RoleRevocation): boolean =>
  isRole(other) &&
  other.progress.state !== "closed" &&
  covers(other, revocation) &&
  other.cutOff > revocation.cutOff &&
  other.startDateTime !== null &&
  instantMs(other.startDateTime) <= revocation.cutOff;
