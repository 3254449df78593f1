import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import type { Queue } from "../storage/queue.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { NoticeError, noticeMessage, type OutcomeNotice, parseNotice } from "./notice.ts";

const partition = "undelivered";
const schema = z.object({
  schema: z.literal(1),
  principalId: z.string(),
  key: z.string(),
  /** The channel that did not take it. In rows of earlier versions absent: there was one. */
  channel: z.number().default(0),
  /** Why the last delivery failed, e.g. `HTTP_500`; `HTTP_0` when no answer came. */
  code: z.string(),
});

/** Parks a notice that could not be delivered, for a person. */
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

/** A message that the host gave up on. One that names no outcome is raised and dropped: what it was to bring about waits in storage, or was raised elsewhere. */
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

/** Notices that wait for a person; `unreadable` are of another version. */
interface Undelivered {
  readonly notices: number;
  readonly unreadable: number;
}

/** What is parked: `rowKey` of principal and pending revocation. Of what another version wrote, the row itself. */
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

/** Opens what a 410 has stopped, and sends every parked notice again to its channel; sent first, so that a crash repeats and loses nothing. What another version parked stays. Returns their numbers. */
export async function resendNotices(state: Table, notices: Queue): Promise<Undelivered> {
  await startChannels(state);
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  for (const { row, content } of read) {
    const { principalId, key, channel } = content;
    await notices.send(noticeMessage({ principalId, key, channel, tries: 0 }), 0);
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // Parked anew meanwhile: then it stays parked.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return { notices: read.length, unreadable: unreadable.length };
}

const stoppedPartition = "stoppedChannels";
const stoppedSchema = z.object({ schema: z.literal(1), channel: z.number(), urlMark: z.string() });

/** Stops a channel whose receiver wants no more, until a person redrives or its URL is another one. */
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

/** A person has looked. What another version wrote stays. */
async function startChannels(state: Table): Promise<void> {
  for (const { row } of await stopped(state)) {
    try {
      await state.commit(stoppedPartition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // Stopped anew meanwhile: then it stays stopped.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}

const stopped = async (state: Table) => parseRows((await state.list(stoppedPartition)).value, stoppedSchema).read;
