/** The users whose revocation was asked for lately, whether it was granted or not: a storm is held for as long as it lasts. */
export interface ThresholdWindow {
  /** In the order in which they first asked; `at` is storage's time of the last time, epoch milliseconds. */
  readonly users: readonly { readonly id: string; readonly at: number }[];
  /** Storage's time when the limit was last raised; null = never. */
  readonly raisedAt: number | null;
}

export const emptyWindow: ThresholdWindow = { users: [], raisedAt: null };

/** A window in which nobody finds a place for as long as it lasts: what was counted before is not known. Pure. */
export const fullWindow = (limit: number, now: number): ThresholdWindow => ({
  users: Array.from({ length: limit }, (_, index) => ({ id: `unknown-${index}`, at: now })),
  raisedAt: null,
});

export interface Admission {
  readonly window: ThresholdWindow;
  /** The users among the first `limit` distinct ones of the last `span` milliseconds. */
  readonly admitted: ReadonlySet<string>;
  /** Whether to raise it: somebody was not admitted, for the first time in `span` milliseconds. */
  readonly raise: boolean;
}

/** Admits users up to the limit, in the order in which they ask. Asking again is free. Pure. */
export function admit(
  { users, raisedAt }: ThresholdWindow,
  ids: Iterable<string>,
  now: number,
  limit: number,
  span: number,
): Admission {
  const asked = new Map(users.filter(({ at }) => now - at < span).map(({ id, at }) => [id, at]));
  const asking = new Set(ids);
  for (const id of asking) asked.set(id, now);
  const first = [...asked.keys()].slice(0, limit);
  const admitted = new Set(first.filter((id) => asking.has(id)));
  const raise = admitted.size < asking.size && (raisedAt === null || now - raisedAt >= span);
  const kept = trim([...asked], limit).map(([id, at]) => ({ id, at }));
  return { window: { users: kept, raisedAt: raise ? now : raisedAt }, admitted, raise };
}

/**
 * Keeps those who were first, and those who asked last: as many of each as it takes to hold the next one for as long as they last. By the time
 * of asking, not by the order: whoever asks again keeps their place.
 */
function trim(asked: readonly (readonly [string, number])[], limit: number): readonly (readonly [string, number])[] {
  if (asked.length <= 2 * limit) return asked;
  const newest = new Set(asked.toSorted(([, a], [, b]) => b - a).slice(0, limit));
  return asked.filter((entry, index) => index < limit || newest.has(entry));
}
