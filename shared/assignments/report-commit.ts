import { latencyOf } from "../revocation/latency.ts";
import { isRole, isRule, type Obligation } from "../revocation/obligation.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import type { PrincipalState } from "./principal-state.ts";
import type { Watch } from "./watch.ts";

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/** Tells what a commit changed. After it, never before: what was not committed did not happen. */
export function reportCommit(
  { telemetry }: Pick<CoreDependencies, "telemetry">,
  before: PrincipalState,
  after: PrincipalState,
  overdue: readonly Watch[],
): void {
  const { principalId } = after;
  for (const watch of after.watches.values()) {
    const known = before.watches.get(watch.key);
    const { key, roleDefinitionId, directoryScopeId, listedEnd } = watch;
    if (known === undefined) {
      telemetry.event("watched", { principalId, key, roleDefinitionId, directoryScopeId, endDateTime: listedEnd });
    } else if (known.listedEnd !== listedEnd) {
      telemetry.event("endMoved", { principalId, key, endDateTime: listedEnd });
    }
  }
  for (const { key, listedEnd } of overdue)
    telemetry.alarm("removalOverdue", { principalId, key, endDateTime: listedEnd });
  for (const obligation of after.obligations.values()) {
    const known = before.obligations.get(obligation.key);
    const { key, progress } = obligation;
    const ended = { principalId, key, ...endProperties(obligation) };
    const latency = latencyOf(obligation);
    const dimensions = { source: obligation.foundBy, kind: kindOf(obligation), end: obligation.end };
    if (known === undefined) {
      telemetry.event("ended", ended);
      telemetry.measure("endToDetected", latency.endToDetected, dimensions);
    }
    if (obligation.threshold !== undefined && obligation.threshold !== known?.threshold) {
      telemetry.event("threshold", { principalId, key, planned: obligation.planned, mark: obligation.threshold });
    }
    if (progress.state === "closed" && known?.progress.state !== "closed") {
      const { outcome, acceptedAt, verified, detail, closedAt } = progress;
      telemetry.event("outcome", {
        ...ended,
        outcome,
        verified,
        detail,
        acceptedAt: iso(acceptedAt),
        closedAt: iso(closedAt),
        ...latency,
      });
      if (latency.endToAccepted !== null) telemetry.measure("endToAccepted", latency.endToAccepted, dimensions);
      if (latency.endToVerified !== null) telemetry.measure("endToVerified", latency.endToVerified, dimensions);
    }
  }
}

/** Everything an operator may want to know of an end, in ids, words and ISO times of Graph's clock. */
function endProperties(obligation: Obligation): Readonly<Record<string, string | boolean | null>> {
  const { end, planned, foundBy, confirmed, startDateTime, endDateTime } = obligation;
  return {
    ...privilegeProperties(obligation),
    kind: kindOf(obligation),
    end,
    planned,
    foundBy,
    confirmed,
    startDateTime,
    endDateTime,
    lastHeld: iso(obligation.lastHeld),
    cutOff: iso(obligation.cutOff),
    foundAt: iso(obligation.foundAt),
  };
}

function kindOf(obligation: Obligation): "role" | "member" | "owner" | "rule" {
  if (isRule(obligation)) return "rule";
  return isRole(obligation) ? "role" : obligation.access;
}

function privilegeProperties(obligation: Obligation): Readonly<Record<string, string>> {
  const through = obligation.through === undefined ? {} : { groupId: obligation.through.groupId };
  if (isRule(obligation)) return { activity: obligation.activity };
  if (!isRole(obligation)) return { ...through, access: obligation.access };
  const { roleDefinitionId, directoryScopeId } = obligation;
  return { roleDefinitionId, directoryScopeId, ...through };
}
