import { z } from "zod";
import { rowKey } from "../storage/document-keys.ts";
import { parseRows } from "../storage/parse-rows.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";

const partition = "toldPeople";
const schema = z.object({ schema: z.literal(1) });

/** The right to send one mail, once. */
export interface MailClaim {
  /** The mail was certainly not sent: somebody may try again. */
  giveBack(): Promise<void>;
}

/**
 * Notes that a mail is about to be sent, before it is: what may have been sent is never sent again, whatever happens to this process. Null when
 * somebody has sent it, or perhaps has. @throws the errors of storage
 */
export async function claimMail(state: Table, ...about: readonly [string, string, string]): Promise<MailClaim | null> {
  const row = rowKey(...about);
  try {
    const { value: etags } = await state.commit(partition, [{ type: "insert", row, content: { schema: 1 } }]);
    return {
      async giveBack() {
        await state.commit(partition, [{ type: "delete", row, etag: etags.get(row) ?? "" }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}

/** Forgets what was sent before this time, storage's epoch milliseconds. What another version wrote stays. */
export async function purgeToldPeople(state: Table, before: number): Promise<void> {
  const { read } = parseRows((await state.list(partition)).value, schema);
  for (const { row } of read.filter(({ row }) => row.timestamp < before)) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
