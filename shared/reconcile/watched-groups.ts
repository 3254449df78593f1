import { z } from "zod";
import { isGraphError } from "../graph/errors.ts";
import { headRow, rowSchemas } from "../model/load.ts";
import type { Head } from "../model/principal.ts";
import { parseContent } from "../storage/rows.ts";
import {
  isForged,
  putRow,
  type Row,
  StorageConflictError,
  StorageRowError,
  type Table,
  unforged,
} from "../storage/table.ts";
import { sideBySide } from "./change-principal.ts";
import type { CoreDependencies } from "./dependencies.ts";

const partition = "groups";
const row = "watched";
const schema = z.object({ schema: z.literal(1), ids: z.array(z.string()), count: z.int() });

/** Milliseconds between two searches for groups that can hold a role. */
const searchEvery = 5 * 60_000;

/** How many watched groups share the budget for reading members; at least one. @throws the errors of storage */
export async function countWatched(state: Table): Promise<number> {
  const value = unforged((await state.get(partition, row)).value);
  return value === undefined ? 1 : Math.max(1, parseContent(value, schema).count);
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
  const { value, storageTime } = await state.get(partition, row);
  const trusted = unforged(value);
  const known = trusted === undefined ? null : { ...parseContent(trusted, schema), at: trusted.timestamp };
  const isDue = known === null || storageTime - known.at >= searchEvery;
  const wanted = groups.watched === "auto" ? (isDue ? await search(dependencies) : known.ids) : [...groups.watched];
  const ids = wanted ?? known?.ids ?? [];
  if (isDue && wanted !== null) {
    const isGroup = [...heads].flatMap(([id, head]) => (head?.kind === "group" && head.wakeAt !== null ? id : []));
    const content = { schema: 1, ids, count: new Set([...ids, ...isGroup]).size };
    await save(state, value?.etag, content);
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

async function search({ groups, graphClock, telemetry }: CoreDependencies): Promise<readonly string[] | null> {
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

async function save(state: Table, etag: string | undefined, content: unknown): Promise<void> {
  const put = putRow(row, content, etag);
  try {
    await state.commit(partition, [put]);
  } catch (error) {
    // Another resync wrote first: its answer is just as new.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
