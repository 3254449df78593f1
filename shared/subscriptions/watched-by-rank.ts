import { readListedRow } from "../assignments/listed-rows.ts";
import type { WatchedGroups } from "../groups/group-dependencies.ts";
import type { Head } from "../model/principal.ts";
import { roleRank } from "../model/privilege.ts";

/** The watched groups among all heads, those with the most powerful role first; which of equals comes first never changes. Pure. */
export function watchedByRank(
  heads: ReadonlyMap<string, Pick<Head, "kind" | "group" | "listed"> | null>,
  watched: WatchedGroups,
): readonly string[] {
  const ranked = [...heads].flatMap(([id, head]) => {
    if (head?.kind !== "group") return [];
    const isWatched =
      watched === "auto" ? head.group?.assignableToRole === true || head.listed.length > 0 : watched.has(id);
    const ranks = head.listed.map((row) => roleRank(readListedRow(row).roleDefinitionId));
    return isWatched ? [{ id, rank: Math.min(Number.MAX_SAFE_INTEGER, ...ranks) }] : [];
  });
  return ranked.toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}
