import { isTierZero } from "../assignments/role-order.ts";
import type { Timings } from "../assignments/timings.ts";
import type { Watch } from "../assignments/watch.ts";
import { instantMs } from "../graph/instant.ts";
import { isRole, type Obligation } from "./obligation.ts";

/**
 * Until when the revoke for this end may wait for another known end of the same user, so that roles ending minutes apart sign a person out
 * once; null when it is due. `watches` are those whose end would be enforced, `within` is the setting, in milliseconds after the end. Ends of
 * the most powerful roles, and of memberships that are privileges themselves, never wait. Graph's times. Pure.
 */
export function coalesceUntil(
  obligation: Obligation,
  watches: Iterable<Pick<Watch, "listedEnd">>,
  date: number,
  within: number,
  { coalesceMargin, overdueAfter }: Timings,
): number | null {
  if (within === 0 || !isRole(obligation) || isTierZero(obligation.roleDefinitionId)) return null;
  const deadline = obligation.lastHeld + within - coalesceMargin;
  if (date >= deadline) return null;
  // An end that PIM is late with is waited for a little longer, but not for ever.
  const awaited = [...watches]
    .map(({ listedEnd }) => (listedEnd === null ? Number.POSITIVE_INFINITY : instantMs(listedEnd)))
    .filter((end) => end <= deadline && end + overdueAfter > date);
  return awaited.length === 0 ? null : Math.min(deadline, Math.max(...awaited) + overdueAfter);
}
