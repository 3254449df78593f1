import type { Clock } from "../base/clock.ts";
import type { Stop } from "../enforcement/stop-and-resume.ts";
import { isGraphError } from "../graph/errors.ts";
import type { RoleNames } from "../graph/people.ts";
import { headRow, loadPrincipal, rowSchemas } from "../model/load-and-commit.ts";
import { emptyHead, type PrincipalState } from "../model/principal.ts";
import type { Health } from "../operators/health.ts";
import type { Operator } from "../operators/prove-caller.ts";
import { isForged, isStorageError, parseContent, type Row, StorageRowError, type Table } from "../storage/table.ts";
import { buildStatus, type StatusInput } from "./build-status.ts";
import { type ReadNames, type Status, version, type Wanted } from "./status.ts";

export interface StatusDependencies extends Pick<Status, "portal" | "runbook"> {
  readonly principals: Table;
  readonly health: () => Promise<Health>;
  /** The operator's stop that is in force. */
  readonly stop: () => Promise<Pick<Stop, "order"> | null>;
  /** Names of roles, cached for an hour. Without a name the page shows the role's id. */
  readonly roleNames: RoleNames;
  readonly names: ReadNames;
  readonly clock: Pick<Clock, "now">;
}

/**
 * The most that one view of the page reads: one row each of `heads` people, and all rows of `people` of them, but no further person after `rows` rows.
 * The page shows how many people were left out.
 */
export const readAtMost = { heads: 10_000, people: 200, rows: 20_000 };

/** Everything that the status page shows, from stored state; only names come from Graph. @throws the errors of storage */
export async function readStatus(
  { principals, health, stop, roleNames, names, clock, portal, runbook }: StatusDependencies,
  { objectId, roles }: Operator,
  atMost: typeof readAtMost = readAtMost,
): Promise<Status> {
  const status = buildStatus({
    health: await health(),
    stopReason: await reasonOf(stop),
    ...(await readPeople(principals, clock.now(), atMost)),
    roleNames: await namesOrNone(roleNames),
    now: clock.now(),
    version,
    portal,
    runbook,
    operator: { objectId, roles: [...roles] },
  });
  return { ...status, names: await names(namedIn(status)) };
}

type People = Pick<StatusInput, "principals" | "unreadable" | "waitingPeople" | "notRead">;

/** Partitions read at the same time. */
const atOnce = 16;

/** Reads first the people with an end that waits, then those whose next pass or last change is nearest to `now`, epoch milliseconds. */
async function readPeople(table: Table, now: number, atMost: typeof readAtMost): Promise<People> {
  const { known, unreadable, isAtLeast } = await readHeads(table, now, atMost.heads);
  const ordered = known.toSorted((a, b) => a.distance - b.distance);
  const wanted = ordered.slice(0, atMost.people);
  const states: (PrincipalState | null)[] = [];
  let rows = 0;
  while (states.length < wanted.length && rows < atMost.rows) {
    const next = wanted.slice(states.length, states.length + atOnce);
    const read = await Promise.all(next.map(({ id }) => readPerson(table, id)));
    states.push(...read.map(({ state }) => state));
    rows += read.reduce((sum, one) => sum + one.rows, 0);
  }
  const left = ordered.slice(states.length);
  return {
    principals: states.filter((state) => state !== null),
    unreadable: unreadable + states.filter((state) => state === null).length,
    waitingPeople: known.filter(({ isHeld }) => isHeld).length,
    notRead: { people: left.length, waiting: left.filter(({ isOpen }) => isOpen).length, isAtLeast },
  };
}

interface KnownPerson {
  readonly id: string;
  /** The person has an end without an outcome. */
  readonly isOpen: boolean;
  /** Such an end waits for an operator. */
  readonly isHeld: boolean;
  /** Milliseconds between now and the last change or the next pass, whichever is nearer; -1 for a person with an open end. */
  readonly distance: number;
}

/** Reads the head row of each principal, at most `most` of them. `isAtLeast`: there are more. */
async function readHeads(table: Table, now: number, most: number) {
  const known: KnownPerson[] = [];
  let unreadable = 0;
  for await (const row of table.scan(headRow)) {
    if (known.length + unreadable === most) return { known, unreadable, isAtLeast: true };
    const person = readHead(row, now);
    if (person === null) unreadable += 1;
    else known.push(person);
  }
  return { known, unreadable, isAtLeast: false };
}

function readHead(row: Row, now: number): KnownPerson | null {
  try {
    const head = isForged(row) ? emptyHead : parseContent(row, rowSchemas.head);
    const { openSince, wakeAt, held = 0, inReview = 0 } = head;
    const isOpen = openSince !== null;
    const times = [row.timestamp, ...(wakeAt === null ? [] : [wakeAt])];
    const distance = isOpen ? -1 : Math.min(...times.map((time) => Math.abs(time - now)));
    return { id: row.partition, isOpen, isHeld: held + inReview > 0, distance };
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return null;
  }
}

/** `state` is null when another version wrote a row of this person. */
async function readPerson(
  table: Table,
  id: string,
): Promise<{ readonly state: PrincipalState | null; readonly rows: number }> {
  try {
    const { state, etags } = await loadPrincipal(table, id);
    return { state, rows: etags.size };
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return { state: null, rows: 1 };
  }
}

/** The ids of all users and groups on the page, the most urgent ends first. */
function namedIn({ health, operator, pending, day, upcoming, recent }: Status): Wanted {
  const ends = [...pending.shown, ...day.people.flatMap(({ bars }) => bars), ...upcoming.shown, ...recent.shown];
  return {
    users: unique([
      operator.objectId,
      ...health.conditions.flatMap(({ by }) => by ?? []),
      ...ends.flatMap(({ principalId, isGroup }) => (isGroup ? [] : [principalId])),
    ]),
    groups: unique(
      ends.flatMap(({ principalId, isGroup, groupId }) => [
        ...(isGroup ? [principalId] : []),
        ...(groupId === null ? [] : [groupId]),
      ]),
    ),
  };
}

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)];

async function reasonOf(stop: StatusDependencies["stop"]): Promise<string | null> {
  try {
    return (await stop())?.order?.reason ?? null;
  } catch (error) {
    // Health reports the fault of storage.
    if (!isStorageError(error)) throw error;
    return null;
  }
}

async function namesOrNone(roleNames: RoleNames): Promise<ReadonlyMap<string, string>> {
  try {
    return await roleNames();
  } catch (error) {
    // Names are for people only: a page without them is better than none.
    if (!isGraphError(error)) throw error;
    return new Map();
  }
}
