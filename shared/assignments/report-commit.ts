import { latencyOf } from "../revocation/latency.ts";
import { endProperties, kindOf, outcomeProperties } from "../revocation/outcome-properties.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import type { PrincipalState } from "./principal-state.ts";
import type { Watch } from "./watch.ts";

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
      telemetry.event("outcome", { principalId, key, ...outcomeProperties(obligation, progress), ...latency });
      if (latency.endToAccepted !== null) telemetry.measure("endToAccepted", latency.endToAccepted, dimensions);
      if (latency.endToVerified !== null) telemetry.measure("endToVerified", latency.endToVerified, dimensions);
    }
  }
}
