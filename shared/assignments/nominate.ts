import type { Timings } from "../detection/timings.ts";
import { isOwn } from "../detection/views.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { isGuid } from "../graph/guid.ts";
import type { Head } from "../model/principal.ts";
import { isWakeLate } from "../reconcile/wake-up.ts";
import { listedRows } from "./listed-rows.ts";

export interface NominatingHead extends Pick<Head, "listed" | "wakeAt"> {
  readonly isForged?: true;
}

/**
 * Which principals to look at after a read of the whole list: those of whom it shows something other than when they were last looked at, and
 * those whose wake-up is late, and those whose head was forged: they are watched anew. A head that could not be read (null) is left alone.
 * The list only nominates; it never proves an end, since its pages shift and its replicas lag.
 */
export function nominate(
  instances: readonly RoleInstance[],
  heads: ReadonlyMap<string, NominatingHead | null>,
  storageNow: number,
  timings: Timings,
): readonly string[] {
  const byPrincipal = Map.groupBy(instances.filter(isOwn), ({ principalId }) => principalId);
  const nominated = new Set<string>();
  for (const [principalId, rows] of byPrincipal) {
    const head = heads.get(principalId);
    if (head !== null && !isSame(listedRows(rows), head?.listed ?? [])) nominated.add(principalId);
  }
  for (const [principalId, head] of heads) {
    if (head === null) continue;
    const { listed, wakeAt, isForged = false } = head;
    // Whoever forges rows can name partitions after anything; only object ids are looked at.
    if (isForged && isGuid(principalId) && principalId === principalId.toLowerCase()) nominated.add(principalId);
    if (listed.length > 0 && !byPrincipal.has(principalId)) nominated.add(principalId);
    if (isWakeLate(wakeAt, storageNow, timings)) nominated.add(principalId);
  }
  return [...nominated];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((row, index) => row === b[index]);
