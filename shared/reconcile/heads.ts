import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { sideBySide } from "../base/side-by-side.ts";
import type { Timings } from "../detection/cadences.ts";
import { missingWait } from "../detection/next-pass.ts";
import { failureOf, isGraphError } from "../graph/errors.ts";
import type { GroupGraph, RoleInstance } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { listedRows } from "../model/holding.ts";
import { digestOf, headRow, rowSchemas } from "../model/load-and-commit.ts";
import { emptyHead, type Head } from "../model/principal.ts";
import { isForged, loadRow, parseContent, type Row, raiseUnreadable, type Table } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import type { SeenHead, SeenHeads } from "./known-heads.ts";

/** Reads the heads of all principals. An unreadable one raises an alarm; one with its etag of `last` is not parsed again. @throws StorageUnavailableError */
export async function readHeads(
  { principals, telemetry }: Pick<CoreDependencies, "principals" | "telemetry">,
  last: SeenHeads = new Map(),
): Promise<SeenHeads> {
  const heads = new Map<string, SeenHead | null>();
  for await (const row of principals.scan(headRow)) {
    const known = last.get(row.partition);
    try {
      heads.set(row.partition, known?.etag === row.etag && !isForged(row) ? known : readHead(row));
    } catch (error) {
      raiseUnreadable(error, { principalId: row.partition }, telemetry);
      heads.set(row.partition, null);
    }
  }
  return heads;
}

/** One principal's head; null when there is none. @throws StorageRowError and StorageUnavailableError */
export async function loadHead(principalId: string, principals: Table): Promise<SeenHead | null> {
  const { value } = await principals.get(principalId, headRow);
  return value === undefined ? null : readHead(value);
}

const noRows = digestOf([]);

/** A head whose seal does not verify counts as empty. @throws StorageRowError */
function readHead(row: Row): SeenHead {
  if (isForged(row)) return { ...emptyHead, isForged: true };
  const head = parseContent(row, rowSchemas.head);
  return { ...head, isBare: head.rows === noRows, writtenAt: row.timestamp, etag: row.etag };
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

const watchedSchema = z.object({ schema: z.literal(1), ids: z.array(z.string()), count: z.int() });

/** Milliseconds between two searches for groups that can hold a role. */
const searchEvery = 5 * 60_000;

const loadWatched = (state: Table) => loadRow(state, "groups", "watched", watchedSchema);

/** How many watched groups share the budget for reading members; at least one. @throws the errors of storage */
export const countWatched = async (state: Table): Promise<number> =>
  Math.max(1, (await loadWatched(state)).content?.count ?? 1);

/** Resource units (Graph docs: throttling-limits) of one pass of a group: members in pages of 999, owners, PIM's list and the group's roles. */
const unitsPerPage = 4;
const unitsBeside = 5;
const pageSize = 999;

/** What reading members may take: a share of 5 % of 3,500 units in 10 s, the quota of the smallest tenants (Graph docs: throttling-limits). */
export const unitsPerSecond = (0.05 * 3500) / 10;

/** Milliseconds: the default interval of the resync. */
const atMostEvery = 10_000;

/** Milliseconds between two reads of a group's members. Each watched group gets the same share of the budget, in resource units per second. */
export function readEvery(members: number, groups: number, budgetPerSecond: number): number {
  const units = unitsBeside + unitsPerPage * Math.max(1, Math.ceil(members / pageSize));
  return Math.max(atMostEvery, (1000 * units * Math.max(1, groups)) / budgetPerSecond);
}

/**
 * The watched groups that need their first pass; each pass of a group arranges the next. With `auto`, groups that can hold a role are searched for every five
 * minutes; one that holds a role is in the list of roles. A failed search raises an alarm and is tried again. @throws the errors of storage
 */
export async function findUnwatched(heads: SeenHeads, dependencies: CoreDependencies): Promise<readonly string[]> {
  const { groups, state } = dependencies;
  if (groups === undefined) return [];
  const { content: known, writtenAt, storageTime, save } = await loadWatched(state);
  const isDue = writtenAt === null || storageTime - writtenAt >= searchEvery;
  const named = groups.watched === "auto" ? null : [...groups.watched];
  const found = isDue ? (named ?? (await searchGroups(groups.graph, dependencies))) : null;
  const ids = named ?? found ?? known?.ids ?? [];
  if (found !== null) {
    const isGroup = [...heads].flatMap(([id, head]) => (head?.kind === "group" && head.wakeAt !== null ? id : []));
    // If another resync wrote first, its answer is just as new.
    await save({ ids, count: new Set([...ids, ...isGroup]).size });
  }
  // An id that Graph did not know as a group is tried again after each search.
  return ids.filter((id) => !heads.has(id) || (isDue && heads.get(id)?.kind === "unknown"));
}

/** Null when Graph cannot be searched now. */
async function searchGroups(graph: GroupGraph, { graphClock, telemetry }: CoreDependencies) {
  try {
    const answer = await graph.listAssignableGroups();
    graphClock.observe(answer);
    return answer.value;
  } catch (error) {
    if (!isGraphError(error)) throw error;
    telemetry.alarm("groupSearchFailed", failureOf(error));
    return null;
  }
}

/** The watched ones of these groups: who leaves another loses no watched privilege. A forged or unreadable head counts: its pass deals with it. */
export async function watchedAmong(ids: Iterable<string>, principals: Table): Promise<ReadonlySet<string>> {
  const watched = new Set<string>();
  await sideBySide([...new Set(ids)], async (id) => {
    const { value: row } = await principals.get(id, headRow);
    if (row === undefined) return;
    // A forged row has no content.
    const { data: head } = rowSchemas.head.safeParse(row.content);
    if (head === undefined || (head.kind === "group" && head.wakeAt !== null)) watched.add(id);
  });
  return watched;
}
