import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import { type Row, type Table, unforged } from "../storage/table.ts";

const partition = "retention";
const row = "purge";
/** `after`: the last principal of the pass before, when it was not the last of all. Absent in rows of earlier versions. */
const schema = z.object({ schema: z.literal(1), nextAt: z.number(), after: z.exactOptional(z.string()) });

const day = 24 * 3_600_000;
/** Milliseconds until the next pass when one was not enough. */
const soon = 60_000;

/** Somebody's turn to purge. */
export interface Turn {
  /** Storage's time, epoch milliseconds. */
  readonly now: number;
  /** Principals up to and including this one had their turn already; empty at the beginning of a day's passes. */
  readonly after: string;
  /** There is more to do beyond this principal: the next turn comes in a minute and not in a day. */
  again(after: string): Promise<void>;
}

/** Where a due pass begins; null when none is due. Another version's row is not ours to judge: nothing is lost by keeping too much. */
function dueAfter(row: Row | undefined, now: number): string | null {
  const trusted = unforged(row);
  if (trusted === undefined) return "";
  try {
    const { nextAt, after = "" } = parseContent(trusted, schema);
    return nextAt <= now ? after : null;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return null;
  }
}

/** A turn, when one is due and nobody else has taken it. @throws the errors of storage */
export async function takeTurn(state: Table): Promise<Turn | null> {
  const { value, storageTime: now } = await state.get(partition, row);
  const after = dueAfter(value, now);
  if (after === null) return null;
  const content = { schema: 1, nextAt: now + day };
  try {
    const { value: etags } = await state.commit(partition, [
      value === undefined ? { type: "insert", row, content } : { type: "replace", row, content, etag: value.etag },
    ]);
    const etag = etags.get(row) ?? "";
    return {
      now,
      after,
      async again(last) {
        const sooner = { schema: 1, nextAt: now + soon, after: last };
        await state.commit(partition, [{ type: "replace", row, content: sooner, etag }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}
