import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { missingWait } from "../detection/next-pass.ts";
import { isGraphError } from "../graph/errors.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { listedRows } from "../model/holding.ts";
import { digestOf, headRow, rowSchemas } from "../model/load-and-commit.ts";
import { emptyHead, type Head } from "../model/principal.ts";
import {
  isForged,
  parseContent,
  putRow,
  type Row,
  StorageConflictError,
  StorageRowError,
  type Table,
  unforged,
} from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { sideBySide } from "./finish-pass.ts";
import type { SeenHead } from "./known-heads.ts";

export interface KnownHead extends Omit<Head, "unreadable">, Pick<SeenHead, "isBare" | "writtenAt"> {
  /** The seal of the row does not verify: the principal's next pass writes the head anew. */
  readonly isForged?: true;
}

/**
 * Reads the heads of all principals. A head that this version cannot read raises an alarm and is null: nothing may follow from it. A head
 * whose seal does not verify counts as empty. @throws StorageUnavailableError
 */
export async function readHeads({
  principals,
  telemetry,
}: Pick<CoreDependencies, "principals" | "telemetry">): Promise<ReadonlyMap<string, KnownHead | null>> {
  const heads = new Map<string, KnownHead | null>();
  for await (const row of principals.scan(headRow)) {
    try {
      heads.set(row.partition, readHead(row));
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      heads.set(row.partition, null);
      telemetry.alarm("rowUnreadable", { principalId: row.partition, row: row.row, code: error.code });
    }
  }
  return heads;
}

const noRows = digestOf([]);

function readHead(row: Row): KnownHead {
  if (isForged(row)) return { ...emptyHead, isForged: true };
  const head = parseContent(row, rowSchemas.head);
  return { ...head, isBare: head.rows === noRows, writtenAt: row.timestamp };
}

/**
 * Whether PIM's list only still names a principal that Graph no longer finds: the next read is not yet due, no row that the last pass saw has gone, and none
 * began since. Of a principal that Graph never found, which may be a service principal, every row must have begun so long before that no replica still lacks it.
 * `date`: Graph's time of the list. Pure.
 */
export function isStillNamed(
  rows: readonly RoleInstance[],
  { kind, listed, missing }: Pick<Head, "kind" | "listed" | "missing">,
  date: GraphTime,
  timings: Timings,
): boolean {
  if (missing === undefined || date >= missing.last + missingWait({ missing }, timings)) return false;
  const isKnown = kind !== "unknown";
  const before = isKnown ? missing.last : missing.last - timings.lag.staleRow;
  const isOld = ({ startDateTime: start }: RoleInstance) => (start === null ? isKnown : instantMs(start) <= before);
  const shown = listedRows(rows);
  return listed.every((row) => shown.includes(row)) && rows.every(isOld);
}

const groupsPartition = "groups";
const watchedRow = "watched";
const watchedSchema = z.object({ schema: z.literal(1), ids: z.array(z.string()), count: z.int() });

/** Milliseconds between two searches for groups that can hold a role. */
const searchEvery = 5 * 60_000;

/** How many watched groups share the budget for reading members; at least one. @throws the errors of storage */
export async function countWatched(state: Table): Promise<number> {
  const value = unforged((await state.get(groupsPartition, watchedRow)).value);
  return value === undefined ? 1 : Math.max(1, parseContent(value, watchedSchema).count);
}

/**
 * The watched groups that need their first pass; each pass of a group arranges the next. With `auto`, groups that can hold a role are searched
 * for every five minutes; a group that holds one is found by its row in the list of roles. A failed search raises an alarm and is tried again.
 * @throws the errors of storage
 */
export async function findUnwatched(
  heads: ReadonlyMap<string, Pick<Head, "kind" | "wakeAt"> | null>,
  dependencies: CoreDependencies,
): Promise<readonly string[]> {
  const { groups, state } = dependencies;
  if (groups === undefined) return [];
  const { value, storageTime } = await state.get(groupsPartition, watchedRow);
  const trusted = unforged(value);
  const known = trusted === undefined ? null : { ...parseContent(trusted, watchedSchema), at: trusted.timestamp };
  const isDue = known === null || storageTime - known.at >= searchEvery;
  const wanted =
    groups.watched === "auto" ? (isDue ? await searchGroups(dependencies) : known.ids) : [...groups.watched];
  const ids = wanted ?? known?.ids ?? [];
  if (isDue && wanted !== null) {
    const isGroup = [...heads].flatMap(([id, head]) => (head?.kind === "group" && head.wakeAt !== null ? id : []));
    const content = { schema: 1, ids, count: new Set([...ids, ...isGroup]).size };
    await saveWatched(state, value?.etag, content);
  }
  // An id that Graph did not know as a group is tried again after each search.
  return ids.filter((id) => {
    const head = heads.get(id);
    return head === undefined || (isDue && head?.kind === "unknown");
  });
}

/**
 * Of these groups those that the app watches: each pass of such a group arranges the next. Any other group carries no privilege that is watched, so whoever
 * leaves it loses none, and it is not read for that. A head that is forged or unreadable counts as watched: its pass deals with it.
 * @throws StorageUnavailableError
 */
export async function watchedAmong(ids: Iterable<string>, principals: Table): Promise<ReadonlySet<string>> {
  const watched = new Set<string>();
  await sideBySide([...new Set(ids)], async (id) => {
    const { value: row } = await principals.get(id, headRow);
    if (row !== undefined && isOfWatched(row)) watched.add(id);
  });
  return watched;
}

function isOfWatched(row: Row): boolean {
  if (isForged(row)) return true;
  try {
    const { kind, wakeAt } = parseContent(row, rowSchemas.head);
    return kind === "group" && wakeAt !== null;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return true;
  }
}

async function searchGroups({ groups, graphClock, telemetry }: CoreDependencies): Promise<readonly string[] | null> {
  if (groups === undefined) return null;
  try {
    const answer = await groups.graph.listAssignableGroups();
    graphClock.observe(answer);
    return answer.value;
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { code, status = null, message } = error;
    telemetry.alarm("groupSearchFailed", { code, status, message });
    return null;
  }
}

async function saveWatched(state: Table, etag: string | undefined, content: unknown): Promise<void> {
  const put = putRow(watchedRow, content, etag);
  try {
    await state.commit(groupsPartition, [put]);
  } catch (error) {
    // Another resync wrote first: its answer is just as new.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
