import { z } from "zod";
import type { StorageTime } from "../base/clock.ts";
import type { Head } from "../model/principal.ts";
import {
  parseContent,
  putRow,
  type Row,
  StorageConflictError,
  StorageRowError,
  type Table,
  unforged,
} from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { type HeadMemory, minute, type ResyncRecord } from "./resync-record.ts";

/**
 * A sealed row that lists the principals whose heads held something when the resync last read all heads. The app never removes a head (retention
 * keeps it, too). So a missing head was deleted by an outsider: with write access to storage one cannot forge a row, but one can delete it. Single rows are
 * missed by their head, which says so (`incomplete`).
 */

/** Ids that fit into one table row (1 MiB, two bytes a character) with room to spare. For principals beyond that a deletion is not noticed. */
export const mostKnown = 10_000;
/** The same limit for principals whose rows vanished. Those beyond it stay in the list of known heads, and a later resync notices them. */
export const mostGone = 5_000;

/** A principal whose rows vanished, until the ends of the last hours have been judged again. */
export interface Gone {
  /** When the rows were last found missing. */
  readonly since: StorageTime;
  /** When the audit log was last asked about the principal; null before the first time. */
  readonly judgedAt: StorageTime | null;
}

export type GoneRows = ReadonlyMap<string, Gone>;

export interface SeenHead extends Pick<Head, "listed" | "wakeAt" | "openSince" | "auditEnds" | "kind" | "incomplete"> {
  readonly isForged?: true;
  /** By its digest the principal has no other row. */
  readonly isBare?: boolean;
  readonly writtenAt?: StorageTime;
}

interface HeadsNoted {
  readonly known: readonly string[];
  readonly gone: GoneRows;
  /** First found missing by this resync: each raises an alarm. */
  readonly vanished: readonly string[];
  /** Whose head this resync found missing: each gets a pass. */
  readonly missing: readonly string[];
}

/** Whether deleting this head would lose something: a privilege, an end without an outcome, the members of a group. */
const holdsSomething = ({ listed, wakeAt, openSince, auditEnds, kind }: SeenHead): boolean =>
  listed.length > 0 || wakeAt !== null || openSince !== null || auditEnds !== undefined || kind === "group";

/** Compares the current heads with the known ones. A forged or unreadable head (null) is never added to the known ones: anybody can invent such rows. Pure. */
export function noteHeads(
  known: readonly string[],
  gone: GoneRows,
  heads: ReadonlyMap<string, SeenHead | null>,
  now: StorageTime,
): HeadsNoted {
  const wasKnown = new Set(known);
  const isMissing = (id: string) => !heads.has(id);
  // A spoilt head of a known principal is as good as deleted. Any other forged head may be invented.
  const isSpoilt = (id: string) => wasKnown.has(id) && heads.get(id)?.isForged === true;
  const isIncomplete = (id: string) => heads.get(id)?.incomplete === true || isSpoilt(id);
  const fresh = [...known.filter(isMissing), ...[...heads.keys()].filter(isIncomplete)].filter((id) => !gone.has(id));
  const vanished = fresh.slice(0, mostGone - gone.size);
  const found = [...vanished, ...[...gone.keys()].filter((id) => isMissing(id) || isIncomplete(id))];
  const held = [...heads].filter(([id, head]) =>
    head === null || head.isForged === true ? wasKnown.has(id) : holdsSomething(head),
  );
  return {
    known: [...new Set([...fresh.slice(vanished.length), ...held.map(([id]) => id)])].toSorted().slice(0, mostKnown),
    gone: new Map([
      ...gone,
      ...found.map((id) => [id, { since: now, judgedAt: gone.get(id)?.judgedAt ?? null }] as const),
    ]),
    vanished,
    missing: found.filter(isMissing),
  };
}

const partition = "heads";
const knownRow = "known";
const goneRow = "gone";

const knownSchema = z.object({ schema: z.literal(1), known: z.array(z.string()) });
const goneSchema = z.object({
  schema: z.literal(1),
  gone: z.record(z.string(), z.object({ since: z.number(), judgedAt: z.number().nullable() })),
});

interface LoadedHeads {
  /** Null when there is no such row. */
  readonly known: readonly string[] | null;
  readonly gone: GoneRows;
  readonly storageTime: StorageTime;
  readonly rows: ReadonlyMap<string, Row>;
}

/** @throws StorageRowError when another version wrote it. */
export async function loadHeads(state: Table): Promise<LoadedHeads> {
  const { value, storageTime } = await state.list(partition);
  const rows = new Map(value.map((row) => [row.row, row]));
  const [known, gone] = [unforged(rows.get(knownRow)), unforged(rows.get(goneRow))];
  return {
    known: known === undefined ? null : parseContent(known, knownSchema).known,
    gone: new Map(gone === undefined ? [] : Object.entries(parseContent(gone, goneSchema).gone)),
    storageTime,
    rows,
  };
}

/** Whether the list of known heads names this principal. A list of another version names nobody. @throws the errors of storage */
export async function isKnown(principalId: string, state: Table): Promise<boolean> {
  const { value } = await state.get(partition, knownRow);
  const { data } = knownSchema.safeParse(unforged(value)?.content);
  return data?.known.includes(principalId) === true;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Writes the rows that changed. @throws StorageConflictError when another instance wrote first */
export async function saveHeads(
  state: Table,
  loaded: LoadedHeads,
  next: { readonly known: readonly string[]; readonly gone: GoneRows },
): Promise<void> {
  const put = (row: string, content: unknown) => {
    const etag = loaded.rows.get(row)?.etag;
    return putRow(row, content, etag);
  };
  // One transaction, so that a crash cannot drop a principal from `known` before `gone` has it.
  const operations = [
    ...(isSame([...next.gone], [...loaded.gone])
      ? []
      : [put(goneRow, { schema: 1, gone: Object.fromEntries(next.gone) })]),
    ...(isSame(next.known, loaded.known) ? [] : [put(knownRow, { schema: 1, known: next.known })]),
  ];
  if (operations.length > 0) await state.commit(partition, operations);
}

/** Alarms raised at most when many principals' rows vanish at once; each alarm gives the total. */
const mostNamed = 20;

interface Noticed {
  /** Principals who had a head and have none now: each gets a pass. */
  readonly missing: readonly string[];
  /** How many heads are remembered, for the resync's own record. */
  readonly known: number;
}

/**
 * Compares the heads with those of the previous resync, and raises an alarm for each principal whose head vanished, and one if the list of heads
 * itself vanished. `before`: the previous resync's record, null when there is none. @throws the errors of storage
 */
export async function noticeVanished(
  before: ResyncRecord | null,
  heads: Parameters<typeof noteHeads>[2],
  dependencies: Pick<CoreDependencies, "state" | "telemetry">,
  memory: HeadMemory = { known: [], rooted: new Set() },
): Promise<Noticed> {
  try {
    return await compare(before, heads, dependencies, memory);
  } catch (error) {
    // The rest of the resync must not wait for a version that can read this row.
    if (!(error instanceof StorageRowError)) throw error;
    dependencies.telemetry.alarm("rowUnreadable", { partition: "heads", row: error.row, code: error.code });
    return { missing: [], known: before?.known ?? 0 };
  }
}

async function compare(
  before: ResyncRecord | null,
  heads: Parameters<typeof noteHeads>[2],
  { state, telemetry }: Pick<CoreDependencies, "state" | "telemetry">,
  memory: HeadMemory,
): Promise<Noticed> {
  const loaded = await loadHeads(state);
  // The resync's record, the list of heads, a running process and older heads each show that the others existed, so deleting any of them is noticed.
  const isAged = (head: SeenHead | null) => (head?.writtenAt ?? loaded.storageTime) < loaded.storageTime - minute;
  const aged = before === null ? [...heads.values()].filter(isAged).length : 0;
  const known = Math.max(before?.known ?? 0, memory.known.length, aged);
  if (loaded.known === null && known > 0) telemetry.alarm("rowsVanished", { partition: "heads", principals: known });
  if (loaded.known !== null && before === null)
    telemetry.alarm("rowsVanished", { partition: "resync", principals: loaded.known.length });
  const noted = noteHeads(
    loaded.known ?? memory.known,
    loaded.gone,
    loaded.known === null ? withoutRoots(heads, memory) : heads,
    loaded.storageTime,
  );
  memory.known = noted.known;
  memory.rooted = new Set([...heads].filter(([, head]) => head?.isBare === false).map(([id]) => id));
  try {
    await saveHeads(state, loaded, noted);
  } catch (error) {
    // Another instance wrote these rows first. The next resync compares again, so nothing is lost.
    if (!(error instanceof StorageConflictError)) throw error;
    return { missing: noted.missing, known: loaded.known?.length ?? 0 };
  }
  for (const principalId of noted.vanished.slice(0, mostNamed)) {
    telemetry.alarm("rowsVanished", { principalId, principals: noted.vanished.length });
  }
  return { missing: noted.missing, known: noted.known.length };
}

/** A pass may have written a new head after all rows of a principal were deleted together with the list: that head is all there is. */
const withoutRoots = (heads: Parameters<typeof noteHeads>[2], { rooted }: HeadMemory): typeof heads =>
  new Map(
    [...heads].map(([id, head]) => [
      id,
      head?.isBare === true && rooted.has(id) ? { ...head, incomplete: true } : head,
    ]),
  );
