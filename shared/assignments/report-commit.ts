import { announcedEnd, evidenceOf, type Holding } from "../detection/holding.ts";
import { judge } from "../detection/judge.ts";
import { lag } from "../detection/lag.ts";
import { latencyOf } from "../revocation/latency.ts";
import { type Closed, isRole, type Obligation, type Outcome, type RoleObligation } from "../revocation/obligation.ts";
import { endProperties, kindOf, outcomeProperties } from "../revocation/outcome-properties.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import type { PrincipalState } from "./principal-state.ts";
import { isTierZero } from "./role-order.ts";

/** Tells what a commit changed. After it, never before: what was not committed did not happen. */
export function reportCommit(
  { telemetry }: Pick<CoreDependencies, "telemetry">,
  before: PrincipalState,
  after: PrincipalState,
  overdue: readonly Holding[],
): void {
  const { principalId } = after;
  reportKind(telemetry, before, after);
  for (const holding of after.holdings.values()) reportHolding(telemetry, principalId, before, holding);
  for (const holding of overdue) {
    telemetry.alarm("removalOverdue", { principalId, key: holding.key, endDateTime: announcedEnd(holding) });
  }
  for (const obligation of after.obligations.values()) {
    const known = before.obligations.get(obligation.key);
    const { key, progress } = obligation;
    const ended = { principalId, key, ...endProperties(obligation) };
    const latency = latencyOf(obligation);
    const dimensions = { source: obligation.foundBy, kind: kindOf(obligation), end: obligation.end };
    if (known === undefined) {
      telemetry.event("ended", ended);
      if (latency.endToDetected !== null) telemetry.measure("endToDetected", latency.endToDetected, dimensions);
    }
    if (obligation.threshold !== undefined && obligation.threshold !== known?.threshold) {
      telemetry.event("threshold", { principalId, key, planned: obligation.planned, mark: obligation.threshold });
    }
    if (isElevated(obligation) && (known === undefined || !isElevated(known))) {
      const { roleDefinitionId } = obligation;
      telemetry.alarm("elevatedAccessStays", {
        principalId,
        key,
        roleDefinitionId,
        outcome: obligation.progress.outcome,
      });
    }
    if (progress.state === "closed" && known?.progress.state !== "closed") {
      if (isRole(obligation) && isTierZero(obligation.roleDefinitionId) && uncut.includes(progress.outcome)) {
        const { outcome, detail } = progress;
        const { roleDefinitionId } = obligation;
        telemetry.alarm("tierZeroNotCut", { principalId, key, roleDefinitionId, outcome, detail });
      }
      telemetry.event("outcome", { principalId, key, ...outcomeProperties(obligation, progress), ...latency });
      if (latency.endToAccepted !== null) telemetry.measure("endToAccepted", latency.endToAccepted, dimensions);
      if (latency.endToVerified !== null) telemetry.measure("endToVerified", latency.endToVerified, dimensions);
    }
  }
}

type ClosedRole = RoleObligation & { readonly progress: Closed };

/** Its outcome is known, or has been, and what the user holds in Azure outlives it. */
const isElevated = (obligation: Obligation): obligation is ClosedRole =>
  isRole(obligation) &&
  obligation.elevated === true &&
  obligation.progress.state === "closed" &&
  obligation.progress.outcome !== "stillHeld";

/** Outcomes that leave the sessions of somebody alone who lost a privilege, because of what they are or what the settings say. */
const uncut: readonly Outcome[] = ["notEnforceable", "excluded", "outOfScope"];

/** Whoever becomes external while holding a privilege is not said to be revoked any more: it may be a way out of that. */
function reportKind(telemetry: Pick<Telemetry, "alarm">, before: PrincipalState, after: PrincipalState): void {
  const [kindBefore, kind] = [before.head.kind, after.head.kind];
  if (kind === kindBefore || kindBefore === "unknown" || before.holdings.size === 0) return;
  telemetry.alarm("kindChanged", { principalId: after.principalId, kindBefore, kind });
}

function reportHolding(
  telemetry: Pick<Telemetry, "event">,
  principalId: string,
  before: PrincipalState,
  holding: Holding,
): void {
  const known = before.holdings.get(holding.key);
  const { key, roleDefinitionId, directoryScopeId, absence, sources } = holding;
  const endDateTime = announcedEnd(holding);
  if (known === undefined) {
    telemetry.event("watched", { principalId, key, roleDefinitionId, directoryScopeId, endDateTime });
    return;
  }
  if (announcedEnd(known) !== endDateTime) telemetry.event("endMoved", { principalId, key, endDateTime });
  const verdict = judge(evidenceOf(holding, lag), lag);
  if (verdict.is === "doubtful" && known.absence?.since !== absence?.since) {
    telemetry.event("doubtful", { principalId, key, rule: verdict.rule, until: new Date(verdict.until).toISOString() });
  }
  const ended = sources.filter(({ leftList }) => leftList !== null).length;
  const wasEnded = known.sources.filter(({ leftList }) => leftList !== null).length;
  if (absence === null && ended > wasEnded)
    telemetry.event("sourceEnded", { principalId, key, sources: sources.length - ended });
}
