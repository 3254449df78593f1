import { samePrivilege } from "../assignments/privilege.ts";
import type { GraphTime } from "../base/clock.ts";
import { isRole, isRule, type Obligation, type RoleObligation } from "../model/pending-revocation.ts";
import { isNear } from "./audit-match.ts";
import type { Lag } from "./lag.ts";

const isOfGroup = ({ through }: Obligation): boolean => through !== undefined && through.ended !== "either";

/** What was still held is no loss. */
const isStillHeld = ({ progress }: Obligation): boolean =>
  progress.state === "closed" && progress.outcome === "stillHeld";

/**
 * Whether a loss is known that the member's own pass and the group's both find, or the passes of two groups: whoever loses a privilege for good loses it once, whatever gave it last. The
 * two find it apart (lag table: ownAndGroup); the group's, which may have read its members late, from its last answer on that still showed it. Pure.
 * @param since from when on the privilege was held that way, Graph's time: what was lost before that is another loss
 */
export function isKnownLoss(
  loss: RoleObligation,
  since: GraphTime,
  known: Iterable<Obligation>,
  { ownAndGroup }: Lag,
): boolean {
  return [...known].some((other) => {
    if (!isRole(other) || !samePrivilege(other, loss)) return false;
    // Who is first seen in a group when its role has ended may have been in it for long.
    const isEarlier = other.cutOff < since && since < loss.cutOff;
    if (isStillHeld(other) || isEarlier) return false;
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
export const isReportedLoss = (loss: Obligation, known: Iterable<Obligation>, lag: Lag): boolean =>
  loss.foundBy === "audit" &&
  [...known].some(
    (other) =>
      other.through?.ended === "access" &&
      other.through.groupId === loss.through?.groupId &&
      isSameAccess(other, loss) &&
      isNear(other.cutOff, { at: loss.cutOff }, lag),
  );

function isSameAccess(a: Obligation, b: Obligation): boolean {
  if (isRule(a) || isRule(b)) return false;
  if (isRole(a) || isRole(b)) return isRole(a) && isRole(b) && samePrivilege(a, b);
  return a.access === b.access;
}
