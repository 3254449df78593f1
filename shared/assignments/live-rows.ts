import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instant.ts";
import type { Obligation } from "../revocation/obligation.ts";
import { isInDirectory, isOwn } from "./own-rows.ts";
import type { PrincipalState } from "./principal-state.ts";
import { samePrivilege } from "./privilege.ts";
import type { Timings } from "./timings.ts";
import { type AssignmentIdentity, assignmentKey, sameAssignment, type Tombstone } from "./watch.ts";

export interface LiveRow {
  readonly row: RoleInstance;
  readonly key: string;
  readonly generation: number;
}

/** A listed row whose key has ended. */
export interface Ghost {
  readonly row: RoleInstance;
  readonly tombstone: Tombstone;
}

/**
 * Tells the living from the ghosts among the principal's own rows of one answer. A row whose key has ended is a ghost (a replica that lags) unless
 * its end moved later and the directory has the role from it, or answers `ghostFor` apart both show it: then it lives again, one generation on.
 * One that the list alone had told is no more than late while its end has passed. Also returns the tombstones with `shownSince` brought up to date.
 */
export function livingRows(
  instances: readonly RoleInstance[],
  directory: readonly RolePrivilege[],
  { watches, tombstones, obligations }: PrincipalState,
  date: number,
  timings: Timings,
): { rows: readonly LiveRow[]; ghosts: readonly Ghost[]; tombstones: ReadonlyMap<string, Tombstone> } {
  const own = instances.filter(isOwn).map((row) => {
    const identity = { scheduleId: row.roleAssignmentScheduleId, start: row.startDateTime };
    const watched = [...watches.values()].find(
      (watch) => watch.source === "schedule" && sameAssignment(watch, identity),
    );
    return { row, identity, watched, tombstone: watched === undefined ? latest(tombstones, identity) : undefined };
  });
  const undoubted = own.filter(({ tombstone }) => tombstone === undefined).map(({ row }) => row);
  const explaining = [...undoubted, ...instances.filter((row) => !isOwn(row) && isInDirectory(row))];
  const rows: LiveRow[] = [];
  const ghosts: Ghost[] = [];
  for (const { row, identity, watched, tombstone } of own) {
    if (watched !== undefined) {
      rows.push({ row, key: watched.key, generation: watched.generation });
    } else if (tombstone === undefined || livesAgain(row, directory, explaining, tombstone, date, timings)) {
      const generation = unusedGeneration(identity, tombstones, obligations);
      rows.push({ row, key: assignmentKey(identity, generation), generation });
    } else {
      ghosts.push({ row, tombstone: { ...tombstone, shownSince: tombstone.shownSince ?? date } });
    }
  }
  return { rows, ghosts, tombstones: markShown(tombstones, ghosts) };
}

/**
 * A later end alone may be an extension that came before the end and that we never saw: it counts only if the directory has the role, and has
 * it from this row: the list shows no other that would explain it.
 */
function livesAgain(
  row: RoleInstance,
  directory: readonly RolePrivilege[],
  explaining: readonly RolePrivilege[],
  tombstone: Tombstone,
  date: number,
  timings: Timings,
): boolean {
  const isExtended = endsLater(row.endDateTime, tombstone.end) && !hasEnded(row.endDateTime, date);
  const isIn = (others: readonly RolePrivilege[]) => others.some((other) => samePrivilege(other, row));
  if (isExtended && isIn(directory) && !isIn(explaining)) return true;
  // The list took back its word, and PIM is late with a removal that was told: it is waited for with the other one (see `isTakenBack`).
  const isOnlyLate = tombstone.byListAlone === true && hasEnded(row.endDateTime, date);
  return !isOnlyLate && shownLongEnough(tombstone, date, timings);
}

const hasEnded = (end: string | null, date: number): boolean => end !== null && instantMs(end) <= date;

/** Permanent rows have the same identity for ever: an end long ago, whose tombstone is forgotten, must not hide the next one. */
function unusedGeneration(
  identity: AssignmentIdentity,
  tombstones: ReadonlyMap<string, Tombstone>,
  obligations: ReadonlyMap<string, Obligation>,
): number {
  let generation = 0;
  const isUsed = (key: string) => tombstones.has(key) || obligations.has(key);
  while (isUsed(assignmentKey(identity, generation))) generation += 1;
  return generation;
}

function latest(tombstones: ReadonlyMap<string, Tombstone>, identity: AssignmentIdentity) {
  const matching = [...tombstones.values()].filter((tombstone) => sameAssignment(tombstone, identity));
  return matching.toSorted((a, b) => b.generation - a.generation)[0];
}

function endsLater(listed: string | null, ended: string | null): boolean {
  if (ended === null) return false;
  return listed === null || instantMs(listed) > instantMs(ended);
}

const shownLongEnough = ({ shownSince }: Tombstone, date: number, { ghostFor }: Timings): boolean =>
  shownSince !== null && date - shownSince >= ghostFor;

/**
 * An answer that does not show a row any more ends its sightings, but those of a permanent one: whoever has the role again has the very same
 * row, which the list may hide for minutes. One whose known end has passed is more likely a ghost, seen before it was gone and long after.
 */
function markShown(tombstones: ReadonlyMap<string, Tombstone>, ghosts: readonly Ghost[]) {
  const shown = new Map(ghosts.map(({ tombstone }) => [tombstone.key, tombstone]));
  const marked = [...tombstones].map(([key, tombstone]): [string, Tombstone] => {
    const again = shown.get(key);
    if (again !== undefined) return [key, again];
    const isOver = tombstone.shownSince !== null && tombstone.start !== null;
    return [key, isOver ? { ...tombstone, shownSince: null } : tombstone];
  });
  return new Map(marked);
}
