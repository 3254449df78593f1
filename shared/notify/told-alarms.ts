import { z } from "zod";
import { parseRows } from "../storage/parse-rows.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import type { AlarmName } from "../telemetry/event-names.ts";

const partition = "toldAlarms";
const schema = z.object({ schema: z.literal(1) });

/** An alarm that goes on is raised every few seconds: people are told once in so long, milliseconds. */
const tellEvery = 3_600_000;

/** Whether people are to be told of this alarm now; then it counts as told. By storage's clock. @throws the errors of storage */
export async function isNewsAgain(state: Table, alarm: AlarmName): Promise<boolean> {
  const { value, storageTime } = await state.get(partition, alarm);
  const { read, unreadable } = parseRows(value === undefined ? [] : [value], schema);
  // Of another version: it is left to that one.
  if (unreadable.length > 0) return true;
  const [last] = read;
  if (last !== undefined && storageTime - last.row.timestamp < tellEvery) return false;
  const content = { schema: 1 };
  try {
    await state.commit(partition, [
      value === undefined
        ? { type: "insert", row: alarm, content }
        : { type: "replace", row: alarm, content, etag: value.etag },
    ]);
    return true;
  } catch (error) {
    // Somebody else tells it.
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}
