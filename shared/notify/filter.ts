import type { Outcome } from "../revocation/obligation.ts";
import type { FilterWord } from "../settings/settings.ts";
import type { FilteredOutcome } from "./news.ts";

/** Outcomes after which sessions may go on although the privilege is gone. */
const openEnded: ReadonlySet<Outcome> = new Set(["failed", "stale", "notEnforceable"]);

/** Whether somebody has to look: the sessions may go on, or nobody has seen that they ended. */
const needsPerson = ({ outcome, verified }: FilteredOutcome): boolean =>
  openEnded.has(outcome) || (outcome === "revoked" && !verified);

/** Whether a channel with this filter is told of this outcome: any of its words is enough. Pure. */
export const wantsOutcome = (filter: ReadonlySet<FilterWord>, outcome: FilteredOutcome): boolean =>
  filter.has("outcomes") ||
  (filter.has("tier0") && outcome.tierZero) ||
  (filter.has("attention") && needsPerson(outcome));

/** Every alarm needs a person. */
export const wantsAlarms = (filter: ReadonlySet<FilterWord>): boolean =>
  filter.has("alarms") || filter.has("attention");
