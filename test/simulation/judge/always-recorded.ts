import { recordedLosses } from "./audit-losses.ts";
import type { Breach, Evidence, PrincipalFacts, RecordedOutcome } from "./evidence.ts";
import { whyUntrue } from "./outcome-truth.ts";
import { whyNotStillHeld } from "./still-held.ts";

/** A group's loss is its members', unless nobody lost anything or its settings do not include it. */
const groupOutcomes = ["stillHeld", "outOfScope"];
/** Where no group is watched nobody asks what a principal is that is no user. */
const unwatchedGroupOutcomes = ["stillHeld", "notEnforceable", "stale"];

/** Every loss that had to be seen has exactly one recorded outcome, which is true and stays; whatever else is recorded is about no loss and says so. */
export function alwaysRecorded(evidence: Evidence): Breach[] {
  const known = new Set(evidence.principals.map(({ id }) => id));
  const strangers = evidence.outcomes.filter(({ principalId }) => !known.has(principalId));
  return [
    ...evidence.principals.flatMap((principal) => badRows(evidence, principal)),
    ...strangers.map((row) => breach(row, "an outcome about somebody who does not exist")),
    ...stuckGroups(evidence),
  ];
}

const breach = ({ principalId, closedAt, openedAt }: RecordedOutcome, why: string): Breach => ({
  promise: "always recorded",
  principalId,
  at: closedAt ?? openedAt,
  why,
});

function badRows(evidence: Evidence, principal: PrincipalFacts): Breach[] {
  const { claims } = recordedLosses(evidence, principal);
  const claimed = claims.flatMap(({ row, about, own }): Breach[] => {
    const reasons = about.map((loss) => whyUntrue(evidence, principal, loss, row));
    const untrue = reasons.includes(undefined) ? undefined : (reasons[0] ?? "an outcome about a loss that never was");
    const why = whyUnfinished(evidence, row) ?? untrue ?? (own ? undefined : "one loss has two outcomes");
    return why === undefined ? [] : [breach(row, why)];
  });
  const others = evidence.outcomes.flatMap((row): Breach[] => {
    if (row.principalId !== principal.id || row.outcome !== "stillHeld") return [];
    const why = whyUnfinished(evidence, row) ?? whyNotStillHeld(evidence, principal, row);
    return why === undefined ? [] : [breach(row, why)];
  });
  return [...claimed, ...others];
}

function whyUnfinished(evidence: Evidence, row: RecordedOutcome): string | undefined {
  if (row.vanished) return "a pending revocation vanished before it had an outcome";
  if (row.changedTo.length > 0) return `an outcome changed from ${row.outcome} to ${row.changedTo.join(", ")}`;
  const isYoung = row.openedAt > evidence.judgedUntil + 3 * evidence.resyncEvery;
  return row.closedAt === null && !isYoung ? "a revocation is still pending" : undefined;
}

function stuckGroups(evidence: Evidence): Breach[] {
  const allowed = evidence.policy.watchGroups ? groupOutcomes : unwatchedGroupOutcomes;
  return evidence.groupOutcomes
    .filter(({ outcome, closedAt, openedAt }) => {
      const isYoung = closedAt === null && openedAt >= evidence.judgedUntil;
      return !allowed.includes(outcome ?? "") && !isYoung;
    })
    .map((row) => breach(row, "a group's loss was not fanned out to its members"));
}
