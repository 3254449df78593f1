import type { GraphTime } from "../base/clock.ts";
import type { Timings } from "../detection/timings.ts";
import { isRole, type Obligation } from "../model/pending-revocation.ts";
import { isTierZero } from "../model/privilege.ts";

/**
 * Until when the revoke for this end may wait for another known end of the same user, so that roles ending minutes apart sign a person out
 * once; null when it is due. `ends` are the known ends of what is held and would be enforced, `within` is the setting, in milliseconds after the end. Ends of
 * the most powerful roles, and of memberships that are privileges themselves, never wait. Graph's times. Pure.
 */
export function coalesceUntil(
  obligation: Obligation,
  ends: readonly (GraphTime | null)[],
  date: number,
  within: number,
  { coalesceMargin, overdueAfter }: Timings,
): number | null {
  if (within === 0 || !isRole(obligation) || isTierZero(obligation.roleDefinitionId)) return null;
  const deadline = obligation.lastHeld + within - coalesceMargin;
  if (date >= deadline) return null;
  // An end that PIM is late with is waited for a little longer, but not for ever.
  const awaited = ends.filter((end) => end !== null).filter((end) => end <= deadline && end + overdueAfter > date);
  return awaited.length === 0 ? null : Math.min(deadline, Math.max(...awaited) + overdueAfter);
}
