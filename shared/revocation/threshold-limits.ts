/** More distinct users than this within ten minutes are held. From the app settings. */
export interface ThresholdLimits {
  /** Null: the larger of 25 and 15 % of the watched users. */
  readonly planned: number | null;
  readonly unplanned: number;
}

/** The largest limit: the users that count against it are kept in one row of a table, 1 MiB at most. */
export const largestLimit = 3000;

const plannedAtLeast = 25;
const plannedShare = 0.15;

/** The limit in force when this many ask. The watched users are counted only when their number matters. */
export async function limitFor(
  limit: number | null,
  asking: number,
  watchedUsers: () => Promise<number>,
): Promise<number> {
  if (limit !== null) return limit;
  if (asking <= plannedAtLeast) return plannedAtLeast;
  const share = Math.floor((await watchedUsers()) * plannedShare);
  return Math.min(Math.max(plannedAtLeast, share), largestLimit);
}
