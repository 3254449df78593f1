import type { PrincipalState } from "../assignments/principal-state.ts";
import { covers } from "../assignments/privilege.ts";
import type { Watch } from "../assignments/watch.ts";
import { instantMs } from "../graph/instant.ts";
import { isRole, type Obligation, type RoleObligation } from "./obligation.ts";

/**
 * Whether the principal still holds the ended privilege: `heldAnotherWay` since before the end, `superseded` by a new activation after it.
 * Only what is watched counts: so the end of whatever holds it now will be noticed as well.
 */
export function heldBy(obligation: Obligation, state: PrincipalState): "heldAnotherWay" | "superseded" | null {
  // Only the group itself can tell whether somebody is in it again: see `renewed-access.ts`.
  if (!isRole(obligation)) return null;
  const holders = [...state.watches.values()].filter(
    (watch) =>
      watch.key !== obligation.key &&
      (covers(watch, obligation) || mayBeSuccessor(watch, obligation)) &&
      !mayBeItself(watch, obligation),
  );
  if (holders.length === 0) return null;
  const known = [...state.obligations.values()];
  return holders.every((holder) => isSuccessor(holder, obligation, known)) ? "superseded" : "heldAnotherWay";
}

/** Whether what is watched began only after the end. `known` are the principal's obligations. */
export const isSuccessor = (watch: Watch, ended: RoleObligation, known: readonly Obligation[]): boolean =>
  beganAfter(watch, ended) || (isFirstSeenAfter(watch, ended) && !isExtended(watch, ended, known));

/**
 * Whether it goes on under a new key after an extension: no two activations have the same start, and how long the one before it was seen beside
 * the ended assignment nobody knows any more.
 */
const isExtended = ({ start }: Watch, ended: RoleObligation, known: readonly Obligation[]): boolean =>
  start !== ended.startDateTime &&
  known.some(
    (other) => isRole(other) && other.key !== ended.key && other.startDateTime === start && covers(other, ended),
  );

/** Of an end that only the audit log told nobody knows the row: one that began before it and is first seen after we knew of it may be a replica's lag. */
const mayBeItself = ({ source, start, firstSeen }: Watch, { audited, cutOff, foundAt }: RoleObligation): boolean =>
  audited === true && source === "schedule" && firstSeen > foundAt && start !== null && instantMs(start) < cutOff;

/** The audit log does not tell which scope ended: what began after it at whatever scope may be the same privilege again. */
const mayBeSuccessor = (watch: Watch, obligation: RoleObligation): boolean =>
  obligation.audited === true &&
  watch.roleDefinitionId === obligation.roleDefinitionId &&
  beganAfter(watch, obligation);

/** By its own start, whenever it was first seen. */
function beganAfter({ source, start }: Watch, obligation: RoleObligation): boolean {
  const { endDateTime, planned, cutOff, audited } = obligation;
  if (start === null) return false;
  if (audited === true) return instantMs(start) >= cutOff;
  if (planned && endDateTime !== null) return instantMs(start) >= instantMs(endDateTime);
  // These are watched only once an end depends on them: when one was first seen tells nothing about when it began.
  return (source === "groupPath" || source === "inherited") && !planned && instantMs(start) >= cutOff;
}

/** An activation never seen side by side with the ended one: PIM refuses to activate a role that is active (an assignment may overlap). */
const isFirstSeenAfter = (
  { source, start, firstSeen, activated }: Watch,
  { startDateTime, unseenSince, audited }: RoleObligation,
): boolean =>
  audited !== true &&
  source === "schedule" &&
  start !== null &&
  activated &&
  firstSeen >= unseenSince &&
  (startDateTime === null || instantMs(start) > instantMs(startDateTime));
