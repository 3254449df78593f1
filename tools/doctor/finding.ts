/** One thing that the doctor looked at, and what to do about it. */
export interface Finding {
  /** What was looked at, e.g. `permissions`; stable, for scripts. */
  readonly check: string;
  /** `unknown`: it could not be looked at, which `what` explains. Only `bad` fails the whole. */
  readonly state: "good" | "warning" | "bad" | "unknown";
  /** What was found, without names, secrets or tokens. */
  readonly what: string;
  /** Why it matters; absent where all is well. */
  readonly why?: string;
  /** What to do, with the exact command where there is one. */
  readonly fix?: string;
}

export const good = (check: string, what: string): Finding => ({ check, state: "good", what });

/** Whether everything that matters is well. */
export const isWell = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state !== "bad");
