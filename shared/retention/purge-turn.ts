import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import { type Row, type Table, unforged } from "../storage/table.ts";

const partition = "retention";
const row = "purge";
const schema = z.object({ schema: z.literal(1), nextAt: z.number() });

const day = 24 * 3_600_000;
/** Milliseconds until the next pass when one was not enough. */
const soon = 60_000;

/** Somebody's turn to purge. */
export interface Turn {
  /** Storage's time, epoch milliseconds. */
  readonly now: number;
  /** There is more to do: the next turn comes in a minute and not in a day. */
  again(): Promise<void>;
}

/** Another version's row is not ours to judge: nothing is lost by keeping too much. */
function isDue(row: Row | undefined, now: number): boolean {
  const trusted = unforged(row);
  if (trusted === undefined) return true;
  try {
    return parseContent(trusted, schema).nextAt <= now;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return false;
  }
}

/** A turn, when one is due and nobody else has taken it. @throws the errors of storage */
export async function takeTurn(state: Table): Promise<Turn | null> {
  const { value, storageTime: now } = await state.get(partition, row);
  if (!isDue(value, now)) return null;
  const content = { schema: 1, nextAt: now + day };
  try {
    const { value: etags } = await state.commit(partition, [
      value === undefined ? { type: "insert", row, content } : { type: "replace", row, content, etag: value.etag },
    ]);
    const etag = etags.get(row) ?? "";
    return {
      now,
      async again() {
        const sooner = { schema: 1, nextAt: now + soon };
        await state.commit(partition, [{ type: "replace", row, content: sooner, etag }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}
