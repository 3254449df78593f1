import { instantMs } from "../graph/instants-and-ids.ts";
import type { Head } from "../model/principal.ts";
import { roleRank } from "../model/privilege.ts";
import { readListedRow } from "./listed-rows.ts";

/** So many principals whose roles end in one second that one instance cuts them all, instead of each polling for itself. */
export interface Rush {
  /** The second of the ends, Graph's time, epoch milliseconds. */
  readonly second: number;
  /** Most privileged first. */
  readonly principals: readonly string[];
}

/** Up to this many ends in one second are awaited each by itself. */
export const rushAbove = 20;

/** The second of an end, epoch milliseconds. */
export const secondOf = (end: string): number => Math.floor(instantMs(end) / 1000) * 1000;

/** The rushes among the ends after `from` and up to `until`, Graph's time, epoch milliseconds. Pure. */
export function findRushes(
  heads: ReadonlyMap<string, Pick<Head, "listed"> | null>,
  from: number,
  until: number,
): readonly Rush[] {
  const ranksBySecond = new Map<number, Map<string, number>>();
  for (const [principalId, head] of heads) {
    for (const row of head?.listed ?? []) {
      const { end, roleDefinitionId } = readListedRow(row);
      if (end === null) continue;
      const second = secondOf(end);
      if (second < from || second > until) continue;
      const ranks = ranksBySecond.get(second) ?? new Map<string, number>();
      ranks.set(principalId, Math.min(ranks.get(principalId) ?? Number.POSITIVE_INFINITY, roleRank(roleDefinitionId)));
      ranksBySecond.set(second, ranks);
    }
  }
  return [...ranksBySecond]
    .filter(([, ranks]) => ranks.size > rushAbove)
    .map(([second, ranks]) => ({ second, principals: inOrder(ranks) }));
}

const inOrder = (ranks: ReadonlyMap<string, number>): readonly string[] =>
  [...ranks].toSorted(([idA, a], [idB, b]) => a - b || (idA < idB ? -1 : 1)).map(([principalId]) => principalId);
