import type { Breach, Evidence, HoldingFacts, PrincipalFacts, RecordedOutcome } from "./evidence.ts";
import { isAbout } from "./is-about.ts";
import { wholeSecond } from "./limits.ts";
import { whyNotTheirs } from "./never-held.ts";
import { isIn, whyUntrue } from "./outcome-truth.ts";
import { ends, soonestEnd } from "./truth.ts";
import { mustBeSeen } from "./watching.ts";

/** A group's end is its members', unless nobody lost anything or nobody asked us to watch it. */
const groupOutcomes = ["heldAnotherWay", "superseded", "outOfScope"];
/** Where no group is watched nobody asks what a principal is that is no user. */
const unwatchedGroupOutcomes = ["heldAnotherWay", "superseded", "notEnforceable", "stale"];

/** Every end that had to be seen has exactly one recorded outcome, which is true and stays. */
export function alwaysTold(evidence: Evidence): Breach[] {
  const untold =
    evidence.policy.mode === "off" ? [] : evidence.principals.flatMap((principal) => silentEnds(evidence, principal));
  const wronglyTold = evidence.outcomes.flatMap((row): Breach[] => {
    const why = whyBad(evidence, row);
    return why === undefined
      ? []
      : [{ promise: "always told", principalId: row.principalId, at: row.closedAt ?? row.openedAt, why }];
  });
  const allowed = evidence.policy.watchGroups ? groupOutcomes : unwatchedGroupOutcomes;
  const ofGroups = evidence.groupOutcomes.filter(
    ({ outcome, closedAt, openedAt }) =>
      !allowed.includes(outcome ?? "") && (closedAt !== null || openedAt < evidence.judgedUntil),
  );
  const why = "a group's end was not passed on to its members";
  const stuck = ofGroups.map(
    ({ principalId, openedAt }): Breach => ({ promise: "always told", principalId, at: openedAt, why }),
  );
  return [...untold, ...wronglyTold, ...stuck];
}

function silentEnds(evidence: Evidence, principal: PrincipalFacts): Breach[] {
  return ends(principal).flatMap((end): Breach[] => {
    const { holding, at } = end;
    if (!mustBeSeen(evidence, principal, end)) return [];
    const rows = evidence.outcomes.filter((row) => row.principalId === principal.id && isAbout(row, holding));
    const once = rows.length === 1 || (rows.length > 1 && mayBeOfOthers(principal, holding, rows));
    if (once) return [];
    const why = rows.length === 0 ? "an end was dropped silently" : `one end has ${rows.length} outcomes`;
    return [{ promise: "always told", principalId: principal.id, at, why: `${why} (${holding.what})` }];
  });
}

/** A row that does not tell its group may be about another one that gave the same role. */
function mayBeOfOthers({ holdings }: PrincipalFacts, holding: HoldingFacts, rows: readonly RecordedOutcome[]): boolean {
  if (holding.sharesSchedule) return true;
  const own = rows.filter(({ inherited }) => !inherited);
  return (
    own.length <= 1 &&
    holdings.some((other) => other !== holding && rows.every((row) => !row.inherited || isAbout(row, other)))
  );
}

function whyBad(evidence: Evidence, row: RecordedOutcome): string | undefined {
  if (row.vanished) return "an obligation vanished before it had an outcome";
  if (row.closedAt === null || row.outcome === null) {
    return row.openedAt > evidence.judgedUntil + 3 * evidence.resyncEvery
      ? undefined
      : "an obligation is still pending";
  }
  if (row.changedTo.length > 0) return `an outcome changed from ${row.outcome} to ${row.changedTo.join(", ")}`;
  const principal = evidence.principals.find(({ id }) => id === row.principalId);
  const isToldOf = ({ role, goneAt }: HoldingFacts) =>
    role === row.role && goneAt !== null && wholeSecond(goneAt) === row.cutOff;
  const holdings =
    principal?.holdings.filter((holding) => (row.audited ? isToldOf(holding) : isAbout(row, holding))) ?? [];
  if (principal === undefined || holdings.length === 0) return "an outcome about an assignment that never was";
  const reasons = holdings.map(
    (holding) =>
      whyNotTheirs(evidence, holding, row) ??
      whyCutOffBad(principal, holding, row) ??
      whyUntrue(evidence, principal, holding, row),
  );
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** The outcomes that say "older sessions are cut": for the others it does not matter from when on. */
const cuts = ["revoked", "alreadySatisfied", "reportOnly"];

function whyCutOffBad(principal: PrincipalFacts, holding: HoldingFacts, row: RecordedOutcome): string | undefined {
  const { denied } = holding;
  if (!cuts.includes(row.outcome ?? "")) return undefined;
  if (row.cutOff > wholeSecond(row.openedAt)) return "its cut-off lies after the moment at which it was recorded";
  if (row.cutOff >= wholeSecond(soonestEnd(principal, holding))) return undefined;
  if (isIn(denied, row.cutOff)) return undefined;
  return "its cut-off lies before the end: older sessions would count as cut";
}
