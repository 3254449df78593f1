import type { Breach, Evidence, PrincipalFacts, RecordedOutcome } from "./evidence.ts";
import { cutAfter, mustBeSeen, otherWays, quietParts } from "./expectation.ts";
import { type Loss, losses } from "./truth.ts";

const second = 1000;

/** Every loss that had to be seen is settled: the sessions were cut after it, or a named outcome says why not. */
export function neverMissed(evidence: Evidence): Breach[] {
  if (evidence.policy.mode === "off") return [];
  return evidence.principals.flatMap((principal) =>
    losses(principal).flatMap((loss): Breach[] => {
      if (!mustBeSeen(evidence, principal, loss)) return [];
      const why = whyUnsettled(evidence, principal, loss) ?? whyLate(evidence, principal, loss);
      return why === undefined ? [] : [{ promise: "never missed", principalId: principal.id, at: loss.at, why }];
    }),
  );
}

function whyUnsettled(evidence: Evidence, principal: PrincipalFacts, loss: Loss): string | undefined {
  const rows = rowsAbout(evidence, principal, loss);
  if (rows.length === 0) return "the privilege was lost and nothing was recorded";
  if (rows.some((row) => row.closedAt === null)) return "the privilege was lost and its obligation is still pending";
  const row = rows.at(-1);
  if (row?.outcome !== "heldAnotherWay" && row?.outcome !== "superseded") return undefined;
  // The path that excused this end must not slip away unseen.
  const excuses = otherWays(principal, loss.holding, loss.at, row.closedAt ?? evidence.to);
  const watched = excuses.some((other) => {
    if (other.throughGroup || other.goneAt === null || other.goneAt > evidence.judgedUntil) return true;
    return rowsAbout(evidence, principal, { holding: other, at: other.goneAt }).length > 0;
  });
  return watched || cutAfter(evidence, principal, loss.at, evidence.to)
    ? undefined
    : `excused as ${row.outcome}, but the end of what excused it was never recorded`;
}

/** In a quiet time the app keeps to its bound, not only to "some day". */
function whyLate(evidence: Evidence, principal: PrincipalFacts, loss: Loss): string | undefined {
  const { holding, at } = loss;
  const settledBy = Math.max(at, holding.forgottenAt ?? at) + 2 * evidence.resyncEvery + 120 * second;
  const quiet = quietParts(evidence, { from: at - 2 * evidence.resyncEvery - 60 * second, to: settledBy }).length === 1;
  const whole =
    quiet && evidence.to >= settledBy && evidence.disturbances.every(({ from, to }) => to < at || from > settledBy);
  if (!whole || principal.deletedAt !== null) return undefined;
  if (cutAfter(evidence, principal, at, settledBy)) return undefined;
  const closed = rowsAbout(evidence, principal, loss).some(
    (row) => (row.closedAt ?? Number.POSITIVE_INFINITY) <= settledBy,
  );
  return closed
    ? undefined
    : `not settled within ${Math.round((settledBy - at) / second)} s although nothing was in the way`;
}

const rowsAbout = (evidence: Evidence, principal: PrincipalFacts, loss: Loss): RecordedOutcome[] =>
  evidence.outcomes.filter((row) => row.principalId === principal.id && row.schedule === loss.holding.schedule);
