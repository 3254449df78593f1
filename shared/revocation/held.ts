import { covers } from "../assignments/privilege.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, type Obligation, type RoleObligation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";

/**
 * Whether the principal holds the lost privilege all the same: at the same or a wider scope, another way, or again. Only a holding counts, so its own loss
 * will be noticed as well; `doubtful` while all that is left is being denied. Whether somebody is in a group again only the group can tell: see
 * `renewed-access.ts`.
 */
export function isStillHeld(
  obligation: Obligation,
  { holdings, obligations }: Pick<PrincipalState, "holdings" | "obligations">,
): "yes" | "no" | "doubtful" {
  if (!isRole(obligation)) return "no";
  const covering = [...holdings.values()].filter((holding) => covers(holding, obligation));
  if (covering.some(({ absence }) => absence === null)) return "yes";
  if (covering.length > 0) return "doubtful";
  return [...obligations.values()].some((other) => hasOutlived(other, obligation)) ? "yes" : "no";
}

/** Whether another loss that is still to be settled shows that the privilege went on: what it ended had begun before this one. */
const hasOutlived = (other: Obligation, obligation: RoleObligation): boolean =>
  isRole(other) &&
  other.progress.state !== "closed" &&
  covers(other, obligation) &&
  other.cutOff > obligation.cutOff &&
  other.startDateTime !== null &&
  instantMs(other.startDateTime) <= obligation.cutOff;
