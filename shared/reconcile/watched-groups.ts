import { z } from "zod";
import { isGraphError } from "../graph/errors.ts";
import type { Head } from "../model/principal.ts";
import { parseContent } from "../storage/rows.ts";
import { StorageConflictError, type Table, unforged } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";

const partition = "groups";
const row = "watched";
const schema = z.object({ schema: z.literal(1), ids: z.array(z.string()), count: z.int() });

/** Milliseconds between two searches for groups that can hold a role. */
const searchEvery = 5 * 60_000;

/** How many groups share the budget for reading members; at least one. */
export async function countWatched(state: Table): Promise<number> {
  const value = unforged((await state.get(partition, row)).value);
  return value === undefined ? 1 : Math.max(1, parseContent(value, schema).count);
}

/**
 * The groups that have no pass yet and should have one. By `auto` those that can hold a role are searched for every few minutes; what
 * holds one is found by its row in the list of roles. A group that has had one pass arranges its next ones itself. A refused search is raised and
 * tried again: the rest goes on.
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
  // One that was no group a moment ago is tried again with each search.
  return ids.filter((id) => {
    const head = heads.get(id);
    return head === undefined || (isDue && head?.kind === "unknown");
  });
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
  const put =
    etag === undefined ? { type: "insert" as const, row, content } : { type: "replace" as const, row, content, etag };
  try {
    await state.commit(partition, [put]);
  } catch (error) {
    // Another resync was first: its answer is as new.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
