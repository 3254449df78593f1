import type { GraphTime } from "../base/clock.ts";
import type { PrincipalReading, RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import {
  type EndedHolding,
  type Holding,
  isOwn,
  isSourceOf,
  privilegeKey,
  privilegeOf,
  type Source,
  samePrivilege,
  unknownScope,
} from "../model/holding.ts";
import { byKey } from "../model/principal.ts";
import type { Lag } from "./lag.ts";

/** What one answer says of each privilege, stale rows left out, and of each ended holding since when answers show it again. */
export type Views = ReturnType<typeof readViews>;

/**
 * Separates the current rows of one answer from stale ones, which a lagging replica shows after the loss. A row is stale while it may belong to an ended
 * holding of the privilege (lag table: staleRow, unseenSource):
 * - a listed row that was one of its sources, until answers further apart than any replica lags show it; a permanent one, for so long after the loss;
 * - for so long after the loss, a listed row never seen before that began before it, unless it began just before it, is seen just after it, and the
 *   directory has the role too; a source of a current holding that was extended under a new schedule id is known by its start;
 * - for so long after the loss, and while such a source is listed, a directory row, which has no identity, unless a current listed row explains it.
 * Pure.
 */
export function readViews(
  { instances, directory }: Pick<PrincipalReading, "instances" | "directory">,
  holdings: Iterable<Holding>,
  ended: ReadonlyMap<string, EndedHolding>,
  date: GraphTime,
  lag: Lag,
) {
  const held = [...holdings];
  const newestFirst = [...ended.values()].toSorted((a, b) => b.endedAt - a.endedAt);
  const recent = newestFirst.filter(({ endedAt }) => date - endedAt < lag.staleRow);
  /** Sightings are noted, so that another pass follows when the row can no longer be stale. */
  const sighted = new Map<string, GraphTime>();
  const sight = (one: EndedHolding | undefined): GraphTime | null => {
    if (one === undefined) return null;
    const since = one.shownAgain ?? date;
    sighted.set(one.key, since);
    return since;
  };
  const isStaleSource = (row: RoleInstance): boolean => {
    const source = newestFirst.find((one) => isOfPrivilege(row, one) && hasSource(one, row));
    const sightedAt = sight(source);
    // A permanent row is the very same when the role is assigned again.
    const since = row.startDateTime === null ? (source?.endedAt ?? null) : sightedAt;
    return since !== null && date - since < lag.staleRow;
  };
  const isRemnant = (mayBe: (one: EndedHolding) => boolean): boolean => sight(recent.find(mayBe)) !== null;

  /** The privileges that a current row shows, each with its rows in the list. */
  const shown = new Map<string, { privilege: RolePrivilege; rows: RoleInstance[] }>();
  const show = (row: RolePrivilege, rows: readonly RoleInstance[]) => {
    const key = privilegeKey(row);
    shown.set(key, { privilege: privilegeOf(row), rows: [...(shown.get(key)?.rows ?? []), ...rows] });
  };
  const staleSources: RolePrivilege[] = [];
  for (const row of instances.filter(isOwn)) {
    const isKnown = held.some(
      (holding) =>
        samePrivilege(holding, row) && holding.sources.some((one) => isSourceOf(one, row) || wasExtended(one, row)),
    );
    const inDirectory = directory.some((other) => samePrivilege(other, row));
    if (isKnown) show(row, [row]);
    else if (isStaleSource(row)) staleSources.push(row);
    else if (!isRemnant((one) => mayBeRemnant(row, one, inDirectory, date, lag))) show(row, [row]);
  }
  for (const row of directory) {
    const isHeld = held.some((one) => samePrivilege(one, row) && (one.group === null || one.sources.length > 0));
    const isExplained = isHeld || shown.has(privilegeKey(row));
    const isStale = () =>
      isRemnant((one) => isOfPrivilege(row, one)) || staleSources.some((source) => samePrivilege(source, row));
    if (isExplained || !isStale()) show(row, []);
  }
  return { shown, ended: byKey(newestFirst.map((one) => mark(one, sighted.get(one.key) ?? null))) };
}

const wasExtended = ({ start }: Source, row: RoleInstance): boolean => start !== null && start === row.startDateTime;

/** Whether only the audit log reported the end: its scope is then unknown. */
const isReported = ({ directoryScopeId }: EndedHolding): boolean => directoryScopeId === unknownScope;

const isOfPrivilege = (row: RolePrivilege, ended: EndedHolding): boolean =>
  samePrivilege(row, ended) || (isReported(ended) && ended.roleDefinitionId === row.roleDefinitionId);

const hasSource = ({ sources }: EndedHolding, row: RoleInstance): boolean =>
  sources.some((source) => isSourceOf(source, row));

/** Whether a row that no reading before the loss showed may be of what ended. */
function mayBeRemnant(row: RoleInstance, ended: EndedHolding, inDirectory: boolean, date: GraphTime, lag: Lag) {
  if (!isOfPrivilege(row, ended) || hasSource(ended, row)) return false;
  const start = row.startDateTime === null ? null : instantMs(row.startDateTime);
  if (start !== null && start >= ended.cutOff) return false;
  // A permanent row has no start. An end that only the audit log reported is certain: no row that began before it was merely slow to appear.
  const isNearLoss =
    start !== null && start >= ended.cutOff - lag.unseenSource && date <= ended.cutOff + lag.unseenSource;
  return !(inDirectory && isNearLoss && !isReported(ended));
}

/** An answer without the row ends the sightings. */
function mark(ended: EndedHolding, shownAgain: GraphTime | null): EndedHolding {
  return shownAgain === ended.shownAgain ? ended : { ...ended, shownAgain };
}
