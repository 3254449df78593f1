import { z } from "zod";
import type { StorageTime } from "../base/clock.ts";
import type { Head } from "../model/principal.ts";
import { parseContent } from "../storage/rows.ts";
import { type Row, StorageConflictError, StorageRowError, type Table, unforged } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import type { ResyncRecord } from "./resync-record.ts";

/**
 * Which principals had a head with something in it when the resync last read all heads, in a sealed row of its own. No commit of ours ever removes a
 * head (retention keeps it, too), so a head that is missing was removed by somebody else: whoever writes to storage cannot forge a row, but can delete.
 */

/** Ids that a row of a table holds (1 MiB, and two bytes for a character) with room to spare. Of principals beyond that a deletion is not noticed. */
export const mostKnown = 10_000;
/** The same of those whose rows vanished. More of them stay known, and are noticed by a later resync. */
export const mostGone = 5_000;

/** A principal whose rows vanished, until the ends of the last hours have been judged again. */
export interface Gone {
  /** When the rows were last found missing. */
  readonly since: StorageTime;
  /** When the audit log was last asked about the principal; null before the first time. */
  readonly judgedAt: StorageTime | null;
}

export type GoneRows = ReadonlyMap<string, Gone>;

interface SeenHead extends Pick<Head, "listed" | "wakeAt" | "openSince" | "auditEnds" | "kind"> {
  readonly isForged?: true;
}

interface HeadsNoted {
  readonly known: readonly string[];
  readonly gone: GoneRows;
  /** Missing since this resync: to be raised. */
  readonly vanished: readonly string[];
  /** Missing, by this resync or an earlier one: to be looked at. */
  readonly missing: readonly string[];
}

/** A deletion would forget something: a privilege, an end without an outcome, the members of a group. */
const holdsSomething = ({ listed, wakeAt, openSince, auditEnds, kind }: SeenHead): boolean =>
  listed.length > 0 || wakeAt !== null || openSince !== null || auditEnds !== undefined || kind === "group";

/** What the heads of now mean, after those of before. A head that is forged or cannot be read (null) is no news: anybody can make up more of them. Pure. */
export function noteHeads(
  known: readonly string[],
  gone: GoneRows,
  heads: ReadonlyMap<string, SeenHead | null>,
  now: StorageTime,
): HeadsNoted {
  const wasKnown = new Set(known);
  const fresh = known.filter((id) => !heads.has(id) && !gone.has(id));
  const vanished = fresh.slice(0, mostGone - gone.size);
  const missing = [...vanished, ...[...gone.keys()].filter((id) => !heads.has(id))];
  const held = [...heads].filter(([id, head]) =>
    head === null || head.isForged === true ? wasKnown.has(id) : holdsSomething(head),
  );
  return {
    known: [...fresh.slice(vanished.length), ...held.map(([id]) => id)].toSorted().slice(0, mostKnown),
    gone: new Map([
      ...gone,
      ...missing.map((id) => [id, { since: now, judgedAt: gone.get(id)?.judgedAt ?? null }] as const),
    ]),
    vanished,
    missing,
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
  /** Null: no such row. */
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

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Writes what changed. @throws StorageConflictError when somebody else was first */
export async function saveHeads(
  state: Table,
  loaded: LoadedHeads,
  next: { readonly known: readonly string[]; readonly gone: GoneRows },
): Promise<void> {
  const put = (row: string, content: unknown) => {
    const etag = loaded.rows.get(row)?.etag;
    return etag === undefined
      ? { type: "insert" as const, row, content }
      : { type: "replace" as const, row, content, etag };
  };
  // One transaction: who is gone must not be forgotten in between.
  const operations = [
    ...(isSame([...next.gone], [...loaded.gone])
      ? []
      : [put(goneRow, { schema: 1, gone: Object.fromEntries(next.gone) })]),
    ...(isSame(next.known, loaded.known) ? [] : [put(knownRow, { schema: 1, known: next.known })]),
  ];
  if (operations.length > 0) await state.commit(partition, operations);
}

/** Alarms about principals whose rows vanished at once; each tells how many there were. */
const mostNamed = 20;

interface Noticed {
  /** Principals without a head who had one: to be looked at. */
  readonly missing: readonly string[];
  /** How many heads are remembered, for the resync's own record. */
  readonly known: number;
}

/**
 * Compares the heads with those of the resync before, and raises what vanished: one alarm a principal, and one for the list of heads itself. `before`:
 * the resync's record of before, null when there was none. @throws the errors of storage
 */
export async function noticeVanished(
  before: ResyncRecord | null,
  heads: Parameters<typeof noteHeads>[2],
  dependencies: Pick<CoreDependencies, "state" | "telemetry">,
): Promise<Noticed> {
  try {
    return await compare(before, heads, dependencies);
  } catch (error) {
    // Whatever else the resync sees must not wait for the version that can read it.
    if (!(error instanceof StorageRowError)) throw error;
    dependencies.telemetry.alarm("rowUnreadable", { partition: "heads", row: error.row, code: error.code });
    return { missing: [], known: before?.known ?? 0 };
  }
}

async function compare(
  before: ResyncRecord | null,
  heads: Parameters<typeof noteHeads>[2],
  { state, telemetry }: Pick<CoreDependencies, "state" | "telemetry">,
): Promise<Noticed> {
  const loaded = await loadHeads(state);
  // Each of the two rows knows that the other was there.
  const known = before?.known ?? 0;
  if (loaded.known === null && known > 0) telemetry.alarm("rowsVanished", { partition: "heads", principals: known });
  if (loaded.known !== null && before === null)
    telemetry.alarm("rowsVanished", { partition: "resync", principals: loaded.known.length });
  const noted = noteHeads(loaded.known ?? [], loaded.gone, heads, loaded.storageTime);
  try {
    await saveHeads(state, loaded, noted);
  } catch (error) {
    // What another instance has just judged again is noted by the next resync: nothing is forgotten meanwhile.
    if (!(error instanceof StorageConflictError)) throw error;
    return { missing: noted.missing, known: loaded.known?.length ?? 0 };
  }
  for (const principalId of noted.vanished.slice(0, mostNamed)) {
    telemetry.alarm("rowsVanished", { principalId, principals: noted.vanished.length });
  }
  return { missing: noted.missing, known: noted.known.length };
}
