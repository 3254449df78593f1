/** The wait before the next look inside this invocation, or null when it is over. */
export interface NextLook {
  readonly ms: number;
  readonly failed: boolean;
  /** Whether another host should look at the end of it, should this one die: not for the next try of what fails anyway. */
  readonly backup: boolean;
}

/** The next look follows at once. */
export const again: NextLook = { ms: 0, failed: false, backup: false };
