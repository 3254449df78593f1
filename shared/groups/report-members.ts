import type { Member } from "../model/group.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";

/** Tells what a commit changed about a group's members: object ids and counts. */
export function reportMembers(
  { telemetry }: Pick<CoreDependencies, "telemetry">,
  before: PrincipalState,
  after: PrincipalState,
  overdue: readonly Member[],
): void {
  const { principalId } = after;
  const count = (state: PrincipalState) => [...state.members.values()].filter(({ left }) => left === null).length;
  const [was, is] = [count(before), count(after)];
  if (was !== is || (before.head.group?.readAt ?? null) === null) telemetry.event("members", { principalId, was, is });
  for (const { principalId: memberId, access, listedEnd } of overdue) {
    telemetry.alarm("removalOverdue", { principalId, memberId, access, endDateTime: listedEnd });
  }
  for (const { key, member, ends } of after.fanouts.values()) {
    if (before.fanouts.has(key)) continue;
    const memberId = member?.principalId ?? null;
    telemetry.event("groupEnded", { principalId, key, memberId, ends: ends.length });
  }
}
