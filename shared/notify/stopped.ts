import { z } from "zod";
import { parseRows } from "../storage/parse-rows.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";

const partition = "stoppedChannels";
const schema = z.object({ schema: z.literal(1), channel: z.number(), urlMark: z.string() });

/** Stops a channel whose receiver wants no more, until a person redrives or its URL is another one. */
export async function stopChannel(state: Table, channel: number, urlMark: string): Promise<void> {
  const content = { schema: 1, channel, urlMark };
  await state.commit(partition, [{ type: "upsert", row: String(channel), content }]);
}

export async function isStopped(state: Table, channel: number, urlMark: string): Promise<boolean> {
  return (await stopped(state)).some(({ content }) => content.channel === channel && content.urlMark === urlMark);
}

/** The numbers of the channels that were stopped. */
export const stoppedChannels = async (state: Table): Promise<readonly number[]> =>
  (await stopped(state)).map(({ content }) => content.channel);

/** A person has looked. What another version wrote stays. */
export async function startChannels(state: Table): Promise<void> {
  for (const { row } of await stopped(state)) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // Stopped anew meanwhile: then it stays stopped.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}

const stopped = async (state: Table) => parseRows((await state.list(partition)).value, schema).read;
