import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import type { Queue } from "../storage/queue.ts";
import { parseRows, StorageConflictError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { NoticeError, noticeMessage, type OutcomeNotice, parseNotice } from "./notice.ts";

const partition = "undelivered";
const schema = z.object({
  schema: z.literal(1),
  principalId: z.string(),
  key: z.string(),
  /** The channel that did not accept it. Absent in rows of earlier versions, which had only one channel. */
  channel: z.number().default(0),
  /** Why the last delivery failed, e.g. `HTTP_500`; `HTTP_0` when no answer came. */
  code: z.string(),
});

/** Stores a notice that could not be delivered, so that an operator can send it again. */
export async function parkNotice(
  { principalId, key, channel = 0 }: OutcomeNotice,
  code: string,
  { state, telemetry }: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  const content = { schema: 1, principalId, key, channel, code };
  const row = channel === 0 ? rowKey(principalId, key) : rowKey(principalId, key, String(channel));
  await state.commit(partition, [{ type: "upsert", row, content }]);
  telemetry.alarm("noticeParked", { principalId, key, channel, code });
}

/** Parks the notice in a message that the host gave up on. A message about no outcome only raises an alarm: its content is still in storage, or has its own alarm. */
export async function parkPoison(
  message: unknown,
  messageId: string,
  dependencies: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  try {
    const notice = parseNotice(message);
    if (notice.kind === "outcome") await parkNotice(notice, "POISON", dependencies);
    else dependencies.telemetry.alarm("deadLetter", { messageId, principalId: null, code: "NOTICE_FAILED" });
  } catch (error) {
    if (!(error instanceof NoticeError)) throw error;
    dependencies.telemetry.alarm("deadLetter", { messageId, principalId: null, code: "NOTICE_UNREADABLE" });
  }
}

/** The numbers of notices that wait for an operator; `unreadable`: of those that another version wrote. */
interface Undelivered {
  readonly notices: number;
  readonly unreadable: number;
}

/** The parked notices, each as `rowKey` of its principal and pending revocation; one that another version wrote, by its row key. */
export async function undeliveredRows(state: Table): Promise<ReadonlySet<string>> {
  const { value } = await state.list(partition);
  const { read } = parseRows(value, schema);
  return new Set([
    ...value.map(({ row }) => row),
    ...read.map(({ content: { principalId, key } }) => rowKey(principalId, key)),
  ]);
}

export async function countUndelivered(state: Table): Promise<Undelivered> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  return { notices: read.length, unreadable: unreadable.length };
}

/**
 * Starts the channels that a 410 has stopped, and sends every parked notice again. Each is sent before its row is removed: a crash sends it twice, but
 * loses none. Rows of another version stay. Returns both numbers.
 */
export async function resendNotices(state: Table, notices: Queue): Promise<Undelivered> {
  await startChannels(state);
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  for (const { row, content } of read) {
    const { principalId, key, channel } = content;
    await notices.send(noticeMessage({ principalId, key, channel, tries: 0 }), 0);
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // The notice was parked again meanwhile. It stays parked.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return { notices: read.length, unreadable: unreadable.length };
}

const stoppedPartition = "stoppedChannels";
const stoppedSchema = z.object({ schema: z.literal(1), channel: z.number(), urlMark: z.string() });

/** Stops a channel whose receiver wants no more messages, until an operator redrives or the channel's URL changes. */
export async function stopChannel(state: Table, channel: number, urlMark: string): Promise<void> {
  const content = { schema: 1, channel, urlMark };
  await state.commit(stoppedPartition, [{ type: "upsert", row: String(channel), content }]);
}

export async function isStopped(state: Table, channel: number, urlMark: string): Promise<boolean> {
  return (await stopped(state)).some(({ content }) => content.channel === channel && content.urlMark === urlMark);
}

/** The numbers of the channels that were stopped. */
export const stoppedChannels = async (state: Table): Promise<readonly number[]> =>
  (await stopped(state)).map(({ content }) => content.channel);

/** Lifts all stops of channels, since an operator has ordered it. Rows of another version stay. */
async function startChannels(state: Table): Promise<void> {
  for (const { row } of await stopped(state)) {
    try {
      await state.commit(stoppedPartition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // The channel was stopped again meanwhile. It stays stopped.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}

const stopped = async (state: Table) => parseRows((await state.list(stoppedPartition)).value, stoppedSchema).read;
