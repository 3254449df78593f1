import type { GraphTime } from "../base/clock.ts";
import { type Absence, type Holding, knownEnd } from "../model/holding.ts";
import type { Lag, LagName } from "./lag.ts";

/** What is known of something that may have ended: a privilege of a principal, or a membership of a group. */
export interface Evidence {
  /** The run of answers that do not show it; null while an answer does. */
  readonly absence: Absence | null;
  /** The latest announced end of its current sources, Graph's time rounded up; null when there is none. */
  readonly knownEnd: GraphTime | null;
  /** Graph's time when its newest source was first seen. */
  readonly newestSight: GraphTime;
  /** Only for memberships: an authenticated notification reports a change of this group's members. */
  readonly isHinted?: boolean;
}

/** The rule that decided: a row of the lag table, or one of two without a row. */
type RuleName = "shown" | "notification" | Extract<LagName, "knownEnd" | "newSource" | "secondAnswer">;

export type Verdict =
  | { readonly is: "held"; readonly rule: RuleName }
  /** Not shown, but the loss is not yet proven. `until`: Graph's time from which one more answer without it proves the loss. */
  | { readonly is: "doubtful"; readonly rule: RuleName; readonly until: GraphTime }
  | { readonly is: "lost"; readonly rule: RuleName };

interface Denied extends Evidence {
  readonly absence: Absence;
}

/** A rule returns Graph's time from which an answer proves the loss; null when the rule does not apply. */
type Rule = (denied: Denied, lag: Lag) => GraphTime | null;

const isNew = ({ absence, newestSight }: Denied, { newSourceFor }: Lag): boolean =>
  absence.since - newestSight < newSourceFor;

/** The first rule that applies decides. The lag table says why each exists. */
const rules: readonly (readonly [RuleName, Rule])[] = [
  [
    "knownEnd",
    ({ absence, knownEnd }, lag) =>
      knownEnd !== null && absence.since >= knownEnd + lag.knownEnd ? absence.since : null,
  ],
  ["notification", (denied, lag) => (denied.isHinted === true && !isNew(denied, lag) ? denied.absence.since : null)],
  ["newSource", (denied, lag) => (isNew(denied, lag) ? denied.absence.since + lag.newSource : null)],
  ["secondAnswer", ({ absence }, lag) => absence.since + lag.secondAnswer],
];

/** Whether a privilege or membership has ended, as of the newest answer of the run. Pure. */
export function judge(evidence: Evidence, lag: Lag): Verdict {
  const { absence } = evidence;
  if (absence === null) return { is: "held", rule: "shown" };
  for (const [rule, from] of rules) {
    const until = from({ ...evidence, absence }, lag);
    if (until !== null) return absence.last >= until ? { is: "lost", rule } : { is: "doubtful", rule, until };
  }
  return { is: "held", rule: "shown" };
}

/** The evidence that `judge` weighs for a holding. */
export const evidenceOf = (holding: Holding, lag: Lag): Evidence => ({
  absence: holding.absence,
  knownEnd: isOutlived(holding, lag) ? null : knownEnd(holding),
  newestSight: Math.max(holding.firstSeen, ...holding.sources.map(({ firstSeen }) => firstSeen)),
});

/**
 * Whether the directory alone still showed it more than `secondAnswer` (lag table) after its known end. Then an assignment that PIM's list does not show
 * may give it, and the known end proves nothing.
 */
function isOutlived(holding: Holding, { secondAnswer }: Lag): boolean {
  const { absence, sources } = holding;
  const end = knownEnd(holding);
  if (absence === null || end === null || sources.length === 0) return false;
  return absence.since - Math.max(end, ...sources.map(({ leftList }) => leftList ?? end)) > secondAnswer;
}
