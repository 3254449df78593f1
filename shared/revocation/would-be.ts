import type { PrincipalState } from "../model/principal.ts";

/**
 * When this user's sessions would have been cut last, had the mode been `enforce`: Graph's time in whole seconds, as Graph tells it of a
 * revoke. Null = never.
 */
export function lastWouldBeCut({ obligations }: Pick<PrincipalState, "obligations">): number | null {
  const times = [...obligations.values()].flatMap(({ progress }) =>
    progress.state === "closed" && progress.detail === wouldRevoke ? [progress.closedAt] : [],
  );
  return times.length === 0 ? null : Math.floor(Math.max(...times) / 1000) * 1000;
}

/** What report-only tells beside its outcome: `enforce` would have revoked; would have found it done by such a revoke; would have held it. */
export const wouldRevoke = "wouldRevoke";
export const wouldBeSatisfied = "wouldBeSatisfied";
export const wouldBeHeld = "wouldBeHeld";
