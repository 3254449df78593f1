/** The result of one check of the doctor, and what to do about it. */
export interface Finding {
  /** Name of the check, e.g. `permissions`; stable, for scripts. */
  readonly check: string;
  /**
   * `unknown`: the check could not be made, which `what` explains. `notLookedAt`: it was not tried, since another finding is the cause. Only `bad`
   * makes the whole examination fail.
   */
  readonly state: "good" | "warning" | "bad" | "unknown" | "notLookedAt";
  /** The fact that was found, without names, secrets or tokens. */
  readonly what: string;
  /** Why it matters; absent where all is well. */
  readonly why?: string;
  /** What to do, with the exact command where there is one. */
  readonly fix?: string;
}

export const good = (check: string, what: string): Finding => ({ check, state: "good", what });

export const notLookedAt = (check: string, cause: string): Finding => ({
  check,
  state: "notLookedAt",
  what: `not looked at: ${cause}`,
});

/** How many there are of each state. */
export function countStates(findings: readonly Finding[]): Readonly<Record<Finding["state"], number>> {
  const counts = { bad: 0, notLookedAt: 0, warning: 0, unknown: 0, good: 0 };
  for (const { state } of findings) counts[state] += 1;
  return counts;
}

/** Whether no finding is bad. */
export const isWell = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state !== "bad");
