import type { GraphTime } from "../base/clock.ts";
import { type Absence, type Holding, knownEnd } from "../model/holding.ts";
import type { Lag, LagName } from "./lag.ts";

/** What is known of something that may have ended: a privilege of a principal, or a membership of a group. */
export interface Evidence {
  /** The run of answers that do not show it; null while one does. */
  readonly absence: Absence | null;
  /** The latest announced end of everything that may still give it, rounded up; null when there is none. */
  readonly knownEnd: GraphTime | null;
  /** When the newest of its sources was first seen. */
  readonly newestSight: GraphTime;
  /** An authenticated notification says that the members of this group changed; of memberships alone. */
  readonly isHinted?: boolean;
}

/** The name of the rule that decided: a row of the lag table, but for two. */
type RuleName = "shown" | "notification" | Extract<LagName, "knownEnd" | "newSource" | "secondAnswer">;

export type Verdict =
  | { readonly is: "held"; readonly rule: RuleName }
  /** Not shown, and not yet proven. `until`: Graph's time from which on one more answer without it proves the loss. */
  | { readonly is: "doubtful"; readonly rule: RuleName; readonly until: GraphTime }
  | { readonly is: "lost"; readonly rule: RuleName };

interface Denied extends Evidence {
  readonly absence: Absence;
}

/** A rule answers from when on the loss is proven, Graph's time; null when it does not apply. */
type Rule = (denied: Denied, lag: Lag) => GraphTime | null;

const isNew = ({ absence, newestSight }: Denied, { newSourceFor }: Lag): boolean =>
  absence.since - newestSight < newSourceFor;

/** In this order; the first that applies decides. The comments are the `why` of the lag table. */
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

/** Whether it has ended, by the newest answer of the run. Pure. */
export function judge(evidence: Evidence, lag: Lag): Verdict {
  const { absence } = evidence;
  if (absence === null) return { is: "held", rule: "shown" };
  for (const [rule, from] of rules) {
    const until = from({ ...evidence, absence }, lag);
    if (until !== null) return absence.last >= until ? { is: "lost", rule } : { is: "doubtful", rule, until };
  }
  return { is: "held", rule: "shown" };
}

/** What `judge` weighs of a holding. */
export const evidenceOf = (holding: Holding, lag: Lag): Evidence => ({
  absence: holding.absence,
  knownEnd: isOutlived(holding, lag) ? null : knownEnd(holding),
  newestSight: Math.max(holding.firstSeen, ...holding.sources.map(({ firstSeen }) => firstSeen)),
});

/**
 * Whether the directory alone showed it for more than a moment after its known end. Then something that PIM's list does not show may give it, and the end
 * proves nothing (lag table: secondAnswer).
 */
function isOutlived(holding: Holding, { secondAnswer }: Lag): boolean {
  const { absence, sources } = holding;
  const end = knownEnd(holding);
  if (absence === null || end === null || sources.length === 0) return false;
  return absence.since - Math.max(end, ...sources.map(({ leftList }) => leftList ?? end)) > secondAnswer;
}
