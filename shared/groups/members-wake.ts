import { lookAt } from "../detection/next-pass.ts";
import { judgeMember } from "../detection/observe-members.ts";
import type { Timings } from "../detection/timings.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { Member } from "../model/group.ts";
import type { PrincipalState } from "../model/principal.ts";

/** When a group's members must be read next, Graph's time. `every`: milliseconds between two reads while nothing is expected. Pure. */
export function membersWake({ head, members }: PrincipalState, every: number, timings: Timings): number {
  const { readAt = null, notBefore = null } = head.group ?? {};
  const earliest = notBefore ?? Number.NEGATIVE_INFINITY;
  if (readAt === null) return earliest;
  let at = readAt + every;
  for (const member of members.values()) at = Math.min(at, wakeFor(member, readAt, timings));
  return Math.max(earliest, at);
}

function wakeFor(member: Member, readAt: number, timings: Timings): number {
  const { absence, left, listedEnd } = member;
  if (left !== null)
    return left.shownSince === null ? Number.POSITIVE_INFINITY : left.shownSince + timings.lag.staleRow;
  if (absence !== null) {
    const verdict = judgeMember(member, timings.lag);
    return verdict.is === "doubtful" ? verdict.until : readAt + timings.lookSlowly;
  }
  return listedEnd === null ? Number.POSITIVE_INFINITY : lookAt(instantMs(listedEnd), readAt, timings);
}
