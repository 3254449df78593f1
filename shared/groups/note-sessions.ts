import type { UserReading } from "../graph/graph.ts";
import type { PrincipalState } from "../model/principal.ts";

/**
 * An end that a group passed on does not know the user's sessions-valid-from of before: the first answers after it stand in, as far as they
 * cannot be later than the cut-off. Else an earlier revoke in the same second would pass for a later one. Pure.
 */
export function noteSessions(state: PrincipalState, user: UserReading | null): PrincipalState {
  const validFrom = user?.sessionsValidFrom ?? null;
  if (validFrom === null) return state;
  const { attempt } = state;
  const unknown = [...state.obligations.values()].filter(
    ({ key, through, progress, cutOff, sessionsValidFromBefore }) =>
      through !== undefined &&
      progress.state === "pending" &&
      sessionsValidFromBefore === null &&
      validFrom <= cutOff &&
      // What our own call has done is not what was before.
      (attempt === null || attempt.state === "refused" || !attempt.covers.includes(key)),
  );
  if (unknown.length === 0) return state;
  const noted = unknown.map((obligation) => ({ ...obligation, sessionsValidFromBefore: validFrom }));
  return { ...state, obligations: new Map([...state.obligations, ...noted.map((o) => [o.key, o] as const)]) };
}
