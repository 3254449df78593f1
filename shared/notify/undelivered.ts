import { z } from "zod";
import { rowKey } from "../storage/document-keys.ts";
import { parseRows } from "../storage/parse-rows.ts";
import type { Queue } from "../storage/queue.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Notice, NoticeError, noticeMessage, parseNotice } from "./notice.ts";

const partition = "undelivered";
const schema = z.object({
  schema: z.literal(1),
  principalId: z.string(),
  key: z.string(),
  /** Why the last delivery failed, e.g. `HTTP_500`; `HTTP_0` when no answer came. */
  code: z.string(),
});

/** Parks a notice that could not be delivered, for a person. */
export async function parkNotice(
  { principalId, key }: Notice,
  code: string,
  { state, telemetry }: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  const content = { schema: 1, principalId, key, code };
  await state.commit(partition, [{ type: "upsert", row: rowKey(principalId, key), content }]);
  telemetry.alarm("noticeParked", { principalId, key, code });
}

/** A message that the host gave up on. One that names no outcome is told and dropped: there is nothing to send again. */
export async function parkPoison(
  message: unknown,
  messageId: string,
  dependencies: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  try {
    await parkNotice(parseNotice(message), "POISON", dependencies);
  } catch (error) {
    if (!(error instanceof NoticeError)) throw error;
    dependencies.telemetry.alarm("deadLetter", { messageId, principalId: null, code: "NOTICE_UNREADABLE" });
  }
}

/** Notices that wait for a person; `unreadable` are of another version. */
export interface Undelivered {
  readonly notices: number;
  readonly unreadable: number;
}

/** The rows of what is parked: `rowKey` of principal and obligation. */
export const undeliveredRows = async (state: Table): Promise<ReadonlySet<string>> =>
  new Set((await state.list(partition)).value.map(({ row }) => row));

export async function countUndelivered(state: Table): Promise<Undelivered> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  return { notices: read.length, unreadable: unreadable.length };
}

/** Sends every parked notice again; sent first, so that a crash repeats and loses nothing. What another version parked stays. Returns their numbers. */
export async function resendNotices(state: Table, notices: Queue): Promise<Undelivered> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  for (const { row, content } of read) {
    const { principalId, key } = content;
    await notices.send(noticeMessage({ principalId, key, tries: 0 }), 0);
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // Parked anew meanwhile: then it stays parked.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return { notices: read.length, unreadable: unreadable.length };
}
