import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { loadHeads, noteHeads, saveHeads } from "./known-heads.ts";
import type { ResyncRecord } from "./resync-record.ts";

/** Alarms about principals whose rows vanished at once; each tells how many there were. */
const mostNamed = 20;

export interface Noticed {
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
