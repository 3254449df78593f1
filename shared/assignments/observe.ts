import type { Dated, GroupPath, PrincipalReading } from "../graph/graph.ts";
import { instantMsCeil } from "../graph/instant.ts";
import { isRole, type Obligation } from "../revocation/obligation.ts";
import { absent, isGone, present } from "./absence.ts";
import { buryAndForget } from "./bury.ts";
import { endObligation } from "./end-obligation.ts";
import { findPathNeeds, watchPaths } from "./group-paths.ts";
import { isHidden, isTakenBack, mayBeHidden, noteListing } from "./hidden-rows.ts";
import { listedRows } from "./listed-rows.ts";
import { livingRows } from "./live-rows.ts";
import { isOwn } from "./own-rows.ts";
import type { Head, PrincipalState } from "./principal-state.ts";
import { samePrivilege } from "./privilege.ts";
import { isNameable, type Tells, waives } from "./tells.ts";
import type { Timings } from "./timings.ts";
import { onlyEndOf } from "./told-end.ts";
import { findUnexplained, isHeldBack } from "./unexplained.ts";
import { findUnheld } from "./unheld.ts";
import { explain, isEarly, unwatchedEnds } from "./unwatched-ends.ts";
import { isOfGroup, type Watch } from "./watch.ts";
import { watchInherited } from "./watch-inherited.ts";
import { watchDirectory, watchSchedule } from "./watch-rows.ts";

export interface Reading {
  readonly principal: Dated<PrincipalReading>;
  /** The groups through which the user holds the roles that `needsPaths` named; null before they were read. */
  readonly paths: readonly GroupPath[] | null;
  /** Graph's time of that answer, which is given after the principal's; absent: the same. */
  readonly pathsDate?: number;
}

export interface Observation {
  /** The next state. Of no use while `needsPaths` is not empty. */
  readonly state: PrincipalState;
  /** Roles whose group paths must be read before an end can be judged. Empty once `paths` were given. */
  readonly needsPaths: readonly string[];
  /** Watches still listed long after their end; raised once each. */
  readonly overdue: readonly Watch[];
}

/**
 * Compares one live reading of a principal with what we watched, and says what follows: new and changed watches, absences, established
 * ends with a tombstone and a pending obligation each. An unannounced end that `tells` names needs no second absence. Pure: (state, reading)
 * in, state out.
 */
export function observe(
  before: PrincipalState,
  reading: Reading,
  foundBy: string,
  timings: Timings,
  tells?: Tells,
): Observation {
  const { value, date } = reading.principal;
  const living = livingRows(value.instances, value.directory, before, date, timings);
  const inherited = value.instances.filter((row) => !isOwn(row));
  const unexplained = findUnexplained(value.directory, living.rows, inherited, before.head, date, timings);

  const scheduled = watchSchedule(before.watches, living.rows, date, timings);
  const all = watchDirectory(scheduled, unexplained.settled, date);
  const missingSince = findMissing(before, value.user, date);
  const validFrom = value.user?.sessionsValidFrom ?? null;
  const isInherited = (watch: Watch) =>
    watch.source === "inherited" && inherited.some((row) => samePrivilege(row, watch));
  // Neither a user nor a group, as far as we know: the groups of a service principal are not read, nothing of theirs can be cut.
  const isToldByListAlone = (watch: Watch) =>
    watch.source === "inherited" && value.user === null && before.head.kind === "unknown";
  const isBesideGhost = (watch: Watch) => isTakenBack(watch, living.ghosts);
  const isListed = (watch: Watch) => living.rows.some((live) => live.key === watch.key);
  const isShown = (watch: Watch): boolean => {
    if (watch.source === "schedule") {
      if (isListed(watch) || isHeldBack(watch, unexplained) || isBesideGhost(watch)) return true;
      return isHidden(watch, value.directory, date, timings);
    }
    if (watch.source === "directory") return value.directory.some((row) => samePrivilege(row, watch));
    if (isInherited(watch)) return true;
    if (isToldByListAlone(watch)) return mayBeHidden(watch, date, timings);
    // The groups of a user who is not found cannot be read; of one who is gone there is nothing left to read.
    if (reading.paths === null) return !isGoneFor(missingSince, date, timings);
    // A row that does not tell its group may be of any of them.
    return reading.paths.some((path) => samePrivilege(path, watch) && path.groupId === (watch.groupId ?? path.groupId));
  };
  // Of a group the look that last read the members showed the roles as well.
  const readAt = before.head.group?.readAt ?? null;
  const shownAt = ({ firstSeen }: Watch) => (readAt === null ? null : Math.max(readAt, firstSeen));
  const dateOf = (watch: Watch): number => (isOfGroup(watch) ? (reading.pathsDate ?? date) : date);
  const seen = [...all.values()]
    .filter((watch) => !(watch.source === "directory" && living.rows.some((live) => samePrivilege(live.row, watch))))
    .map((watch) => {
      if (watch.source === "schedule") return noteListing(watch, isListed(watch), date, timings);
      return noteListing(watch, !isToldByListAlone(watch) || isInherited(watch), date, timings);
    })
    .map((watch) =>
      isShown(watch) ? present(watch) : absent(watch, dateOf(watch), validFrom, timings, shownAt(watch)),
    );

  const { told = [], missingSince: _, unexplainedAt: __, ...headBefore } = before.head;
  const isWaived = waives(tells, seen, before.obligations.values(), date, timings);
  const named = told.flatMap((end) => onlyEndOf(end, seen) ?? []).filter((watch) => isNameable(watch, timings));
  const isOver = (watch: Watch) => isGone(watch, dateOf(watch), timings, isWaived(watch) || named.includes(watch));
  const ending = seen.filter(isOver);
  const staying = seen.filter((watch) => !isOver(watch));
  // What ended before and still waits to be carried out is judged anew as well: a group may hold it by now, or be readable only now.
  const waiting = [...before.obligations.values()]
    .filter(isRole)
    .filter(({ progress }) => progress.state === "pending");
  const ended = ending.map((watch) => explain(endObligation(watch, dateOf(watch), foundBy), told));
  const known = { obligations: [...before.obligations.values(), ...ended], tombstones: before.tombstones.values() };
  const early = told.filter((end) => isEarly(end, staying, date, timings));
  const unwatched = unwatchedEnds(
    told.filter((end) => !early.includes(end)),
    known,
    date,
  );
  const losing = [...ended, ...unwatched.filter(isRole), ...waiting];
  const unheld = findUnheld(losing, staying, known.obligations);
  const asked = seen.filter((watch) => isOfGroup(watch) && !isInherited(watch));
  const needs = value.user === null ? [] : findPathNeeds(unheld, asked);
  if (reading.paths === null && needs.length > 0) return { state: before, needsPaths: needs, overdue: [] };

  const paths = watchPaths(reading.paths ?? [], unheld, date);
  const explaining = watchInherited(inherited, findUnheld(unheld, paths, known.obligations), ending, date);

  const isStillThere = (watch: Watch) =>
    watch.source !== "schedule" || isListed(watch) || isHeldBack(watch, unexplained) || isBesideGhost(watch);
  const overdue = seen.filter((watch) => isOverdue(watch, date, timings) && isStillThere(watch));
  const watches = [...staying, ...paths, ...explaining].map((watch) =>
    overdue.some(({ key }) => key === watch.key) ? { ...watch, overdueRaised: true } : watch,
  );
  const { directory } = value;
  const isGroup = before.head.kind === "group";
  const head: Head = {
    ...headBefore,
    ...(missingSince === null ? {} : { missingSince }),
    ...(early.length === 0 ? {} : { told: early }),
    kind: kindOf(before.head, value),
    listed: listedRows(value.instances),
    ...unexplained.seen,
    unreadable: null,
  };
  return {
    state: {
      ...before,
      head,
      watches: byKey(watches),
      tombstones: buryAndForget(living.tombstones, { ended: ending, directory, date, unwatched, isGroup }, timings),
      obligations: addEnds(before.obligations, [...ended, ...unwatched]),
    },
    needsPaths: [],
    overdue,
  };
}

/** Since when a user with watched group paths has not been found; null when they are. */
function findMissing({ head, watches }: PrincipalState, user: PrincipalReading["user"], date: number): number | null {
  const isAsked = [...watches.values()].some(isOfGroup);
  return user === null && isAsked ? (head.missingSince ?? date) : null;
}

const isGoneFor = (since: number | null, date: number, timings: Timings): boolean =>
  since !== null && date - since >= timings.goneFor;

const isOverdue = (watch: Watch, date: number, timings: Timings): boolean =>
  !watch.overdueRaised &&
  watch.absence === null &&
  watch.listedEnd !== null &&
  date >= instantMsCeil(watch.listedEnd) + timings.overdueAfter;

function kindOf(head: Head, { user }: PrincipalReading): Head["kind"] {
  if (user === null) return head.kind;
  return user.external ? "externalUser" : "user";
}

const byKey = (watches: readonly Watch[]) => new Map(watches.map((watch) => [watch.key, watch]));

function addEnds(
  obligations: ReadonlyMap<string, Obligation>,
  ended: readonly Obligation[],
): ReadonlyMap<string, Obligation> {
  const added = ended
    .filter(({ key }) => !obligations.has(key))
    .map((obligation): [string, Obligation] => [obligation.key, obligation]);
  return added.length === 0 ? obligations : new Map([...obligations, ...added]);
}
