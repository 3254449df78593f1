import { privilegeKey, privilegeOf, samePrivilege, untoldScope } from "../assignments/privilege.ts";
import type { GraphTime } from "../clock.ts";
import type { PrincipalReading, RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs } from "../graph/instant.ts";
import { type EndedHolding, type Holding, identityOf, isSameSource } from "./holding.ts";
import type { Lag } from "./lag.ts";

/** What one answer says of one privilege, stale rows left out. */
export interface Shown {
  readonly privilege: RolePrivilege;
  readonly rows: readonly RoleInstance[];
  readonly inDirectory: boolean;
}

export interface Views {
  readonly shown: ReadonlyMap<string, Shown>;
  /** The ended holdings with what this answer shows of them again. */
  readonly ended: ReadonlyMap<string, EndedHolding>;
}

/**
 * Whether the row is the principal's own, and not one that a group gives them. An activation is its holder's, by whatever group they were eligible for
 * it: PIM's list of Azure roles has been seen to call such a user's row a group's (observed once, in a public capture of Azure docs:
 * roleAssignmentScheduleInstances); how the list of directory roles calls it is documented nowhere.
 */
export const isOwn = ({ memberType, assignmentType }: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  memberType === "Direct" || assignmentType === "Activated";

/**
 * Tells the living rows of one answer from the stale ones, which a replica that lags shows after the loss. A row is stale while an ended holding of the
 * privilege may be all that it is about:
 * - a listed row that was one of its sources;
 * - a listed row never seen that began before the loss, unless it began just before it, is seen just after it, and the directory has the role as well;
 * - a directory row, which has no identity, unless a living listed row explains it.
 * Shown in answers further apart than any replica lags it lives again (lag table: staleRow, unseenSource). Pure.
 */
export function readViews(
  { instances, directory }: Pick<PrincipalReading, "instances" | "directory">,
  holdings: Iterable<Holding>,
  ended: ReadonlyMap<string, EndedHolding>,
  date: GraphTime,
  lag: Lag,
): Views {
  const held = [...holdings];
  const newestFirst = [...ended.values()].toSorted((a, b) => b.endedAt - a.endedAt);
  const again = new Map<string, GraphTime>();
  const isStale = (one: EndedHolding | undefined): boolean => {
    if (one === undefined) return false;
    const since = one.shownAgain ?? date;
    again.set(one.key, since);
    return date - since < lag.staleRow;
  };

  const shown = new Map<string, { privilege: RolePrivilege; rows: RoleInstance[]; inDirectory: boolean }>();
  const show = (row: RolePrivilege) => {
    const key = privilegeKey(row);
    const entry = shown.get(key) ?? { privilege: privilegeOf(row), rows: [], inDirectory: false };
    shown.set(key, entry);
    return entry;
  };
  for (const row of instances.filter(isOwn)) {
    const isKnown = held.some(
      (holding) => samePrivilege(holding, row) && holding.sources.some((one) => isSameSource(one, identityOf(row))),
    );
    const inDirectory = directory.some((other) => samePrivilege(other, row));
    const past = isKnown ? undefined : newestFirst.find((one) => mayBeOf(row, one, inDirectory, date, lag));
    if (!isStale(past)) show(row).rows.push(row);
  }
  for (const row of directory) {
    const isHeld = held.some((one) => samePrivilege(one, row) && (one.group === null || one.sources.length > 0));
    const isExplained = isHeld || shown.has(privilegeKey(row));
    const past = isExplained ? undefined : newestFirst.find((one) => isOfPrivilege(row, one));
    if (!isStale(past)) show(row).inDirectory = true;
  }
  const marked = newestFirst.map((one): [string, EndedHolding] => [one.key, mark(one, again.get(one.key))]);
  return { shown, ended: new Map(marked) };
}

/** Of an end that only the audit log reported nobody knows the scope. */
const isReported = ({ directoryScopeId }: EndedHolding): boolean => directoryScopeId === untoldScope;

const isOfPrivilege = (row: RolePrivilege, ended: EndedHolding): boolean =>
  samePrivilege(row, ended) || (isReported(ended) && ended.roleDefinitionId === row.roleDefinitionId);

function mayBeOf(row: RoleInstance, ended: EndedHolding, inDirectory: boolean, date: GraphTime, lag: Lag): boolean {
  if (!isOfPrivilege(row, ended)) return false;
  if (ended.sources.some((source) => isSameSource(source, identityOf(row)))) return true;
  const start = row.startDateTime === null ? null : instantMs(row.startDateTime);
  if (start !== null && start >= ended.cutOff) return false;
  // Of a permanent row nobody knows the start. An end that only the audit log reported is certain: nothing that began before it was slow to appear.
  const isNearLoss =
    start !== null && start >= ended.cutOff - lag.unseenSource && date <= ended.cutOff + lag.unseenSource;
  return !(inDirectory && isNearLoss && !isReported(ended));
}

/**
 * Sightings are of an unbroken run, but those of a permanent row: its identity never changes, so whoever holds the role again has the very same row, and the
 * list may hide that for minutes.
 */
function mark(ended: EndedHolding, since: GraphTime | undefined): EndedHolding {
  const isPermanent = ended.sources.some(({ start }) => start === null);
  const shownAgain = since ?? (isPermanent ? ended.shownAgain : null);
  return shownAgain === ended.shownAgain ? ended : { ...ended, shownAgain };
}
