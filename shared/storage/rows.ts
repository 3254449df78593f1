import type { z } from "zod";
import type { EventProperties, Telemetry } from "../telemetry/telemetry.ts";
import { parseContent, putRow, StorageConflictError, StorageRowError, type Table, unforged } from "./table.ts";

/** A row whose writers take turns. Its document is null where there is none or it is forged; `save` is false when another was first. @throws StorageRowError */
export async function loadRow<T extends { schema: number }>(
  table: Table,
  partition: string,
  row: string,
  schema: z.ZodType<T>,
) {
  const { value, storageTime } = await table.get(partition, row);
  const trusted = unforged(value);
  const content = trusted === undefined ? null : parseContent(trusted, schema);
  const save = (next: object) => isFirst(table.commit(partition, [putRow(row, { schema: 1, ...next }, value?.etag)]));
  return { content, writtenAt: trusted?.timestamp ?? null, etag: value?.etag ?? null, storageTime, save };
}

/** Resolves to false when another instance wrote first. */
export async function isFirst(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}

/** Attempts again, with a new reading, while another writer was first: `tries` times at most. @throws StorageConflictError after the last */
export async function retryConflicts<T>(tries: number, attempt: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left <= 1) throw error;
    }
  }
}

/** Resolves to undefined where `work` needs a row that this version cannot read: an alarm with these properties is raised, and the row is left as it is. */
export async function whereReadable<T>(
  properties: EventProperties,
  telemetry: Pick<Telemetry, "alarm">,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { ...properties, row: error.row, code: error.code });
    return undefined;
  }
}
