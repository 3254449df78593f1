import { z } from "zod";
import type { StorageTime } from "../base/clock.ts";
import { mostNamed } from "../enforcement/scope-reader.ts";
import type { Head } from "../model/principal.ts";
import { isFirst, parseContent, putRow, type Table, unforged, whereReadable } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";

/**
 * A sealed row lists the principals whose heads held something when the resync last read all heads. The app never removes a head. So a missing head was
 * deleted by an outsider, who cannot forge a row but can delete it. A head misses its other rows by itself, and says so (`incomplete`).
 */

/** Ids that fit into one table row (1 MiB, two bytes a character) with room to spare. For principals beyond that a deletion is not noticed. */
export const mostKnown = 10_000;
/** The same limit for principals whose rows vanished. Those beyond it stay in the list of known heads, and a later resync notices them. */
export const mostGone = 5_000;

const partition = "heads";
const knownRow = "known";
const knownSchema = z.object({ schema: z.literal(1), known: z.array(z.string()) });
const goneRow = "gone";
/** A principal whose rows vanished, until the ends of the last hours have been judged again. */
const goneOne = z.object({
  /** Storage's time when the rows were last found missing. */
  since: z.number(),
  /** When the audit log was last asked about the principal; null before the first time. */
  judgedAt: z.number().nullable(),
});
const goneSchema = z.object({ schema: z.literal(1), gone: z.record(z.string(), goneOne) });
export type Gone = Readonly<z.infer<typeof goneOne>>;
export type GoneRows = ReadonlyMap<string, Gone>;

/** A head as the resync reads it. */
export interface SeenHead extends Head {
  /** The seal of the row does not verify: the principal's next pass writes the head anew. */
  readonly isForged?: true;
  /** By its digest the principal has no other row. */
  readonly isBare?: boolean;
  readonly writtenAt?: StorageTime;
  readonly etag?: string;
}

/** By principal; null where this version cannot read the head: nothing may follow from it. */
export type SeenHeads = ReadonlyMap<string, SeenHead | null>;

/** What a process remembers of its last resync: the list of heads, in case it is deleted, and the heads, of which most are the same in the next one. */
export interface HeadMemory {
  known: readonly string[];
  heads: SeenHeads;
}

/** Whether deleting this head would lose something: a privilege, an end without an outcome, the members of a group. */
const holdsSomething = ({ listed, wakeAt, openSince, auditEnds, kind }: SeenHead): boolean =>
  listed.length > 0 || wakeAt !== null || openSince !== null || auditEnds !== undefined || kind === "group";

/** Compares the current heads with the known ones. A forged or unreadable head (null) is never added to the known ones: anybody can invent such rows. Pure. */
export function noteHeads(known: readonly string[], gone: GoneRows, heads: SeenHeads, now: StorageTime) {
  const wasKnown = new Set(known);
  const isMissing = (id: string) => !heads.has(id);
  // A spoilt head of a known principal is as good as deleted. Any other forged head may be invented.
  const isSpoilt = (id: string) => wasKnown.has(id) && heads.get(id)?.isForged === true;
  const isIncomplete = (id: string) => heads.get(id)?.incomplete === true || isSpoilt(id);
  const fresh = [...known.filter(isMissing), ...[...heads.keys()].filter(isIncomplete)].filter((id) => !gone.has(id));
  const vanished = fresh.slice(0, mostGone - gone.size);
  const found = [...vanished, ...[...gone.keys()].filter((id) => isMissing(id) || isIncomplete(id))];
  const noted = found.map((id): [string, Gone] => [id, { since: now, judgedAt: gone.get(id)?.judgedAt ?? null }]);
  const held = [...heads].filter(([id, head]) =>
    head === null || head.isForged === true ? wasKnown.has(id) : holdsSomething(head),
  );
  return {
    known: [...new Set([...fresh.slice(vanished.length), ...held.map(([id]) => id)])].toSorted().slice(0, mostKnown),
    gone: new Map([...gone, ...noted]),
    /** First found missing by this resync: each raises an alarm. */
    vanished,
    /** Whose head this resync found missing: each gets a pass. */
    missing: found.filter(isMissing),
  };
}

/** `known`: null when there is no such row. @throws StorageRowError when another version wrote it. */
export async function loadHeads(state: Table) {
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

/** Writes the rows that changed. @throws StorageConflictError when another instance wrote first */
export async function saveHeads(
  state: Table,
  loaded: Awaited<ReturnType<typeof loadHeads>>,
  next: { readonly known: readonly string[]; readonly gone: GoneRows },
): Promise<void> {
  const put = (row: string, before: object | null, content: object) =>
    JSON.stringify(before) === JSON.stringify(content)
      ? []
      : [putRow(row, { schema: 1, ...content }, loaded.rows.get(row)?.etag)];
  // One transaction, so that a crash cannot drop a principal from `known` before `gone` has it.
  const operations = [
    ...put(goneRow, { gone: Object.fromEntries(loaded.gone) }, { gone: Object.fromEntries(next.gone) }),
    ...put(knownRow, loaded.known && { known: loaded.known }, { known: next.known }),
  ];
  if (operations.length > 0) await state.commit(partition, operations);
}

/**
 * Compares the heads with those of the previous resync, and raises an alarm for each principal whose head vanished, and one if the list of heads itself
 * vanished. `before`: the previous resync's record. `missing`: each gets a pass. `known`: how many heads are remembered. @throws the errors of storage
 */
export async function noticeVanished(
  before: { readonly known: number } | null,
  heads: SeenHeads,
  { state, telemetry }: Pick<CoreDependencies, "state" | "telemetry">,
  memory: HeadMemory = { known: [], heads: new Map() },
): Promise<{ readonly missing: readonly string[]; readonly known: number }> {
  // The rest of the resync must not wait for a version that can read these rows.
  const loaded = await whereReadable({ partition }, telemetry, () => loadHeads(state));
  if (loaded === undefined) return { missing: [], known: before?.known ?? 0 };
  const now = loaded.storageTime;
  // The resync's record, the list of heads, a running process and older heads each show that the others existed, so deleting any of them is noticed.
  const isAged = (head: SeenHead | null) => (head?.writtenAt ?? now) < now - 60_000;
  const aged = before === null ? [...heads.values()].filter(isAged).length : 0;
  const existed = Math.max(before?.known ?? 0, memory.known.length, aged);
  if (loaded.known === null && existed > 0) telemetry.alarm("rowsVanished", { partition, principals: existed });
  if (loaded.known !== null && before === null)
    telemetry.alarm("rowsVanished", { partition: "resync", principals: loaded.known.length });
  // A pass may have written a new head after all rows of a principal were deleted together with the list: that head is all there is.
  const compared = new Map(heads);
  for (const [id, head] of heads) {
    const isRootless = loaded.known === null && head?.isBare === true && memory.heads.get(id)?.isBare === false;
    if (isRootless) compared.set(id, { ...head, incomplete: true });
  }
  const noted = noteHeads(loaded.known ?? memory.known, loaded.gone, compared, now);
  memory.known = noted.known;
  memory.heads = heads;
  // Where another instance wrote these rows first, the next resync compares again, so nothing is lost.
  const vanished = (await isFirst(saveHeads(state, loaded, noted))) ? noted.vanished : [];
  for (const principalId of vanished.slice(0, mostNamed)) {
    telemetry.alarm("rowsVanished", { principalId, principals: vanished.length });
  }
  return { missing: noted.missing, known: noted.known.length };
}
