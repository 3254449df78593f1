import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import { isForged, type Row, type Table } from "../storage/table.ts";
import type { Policy } from "./policy.ts";

/** Whether the settings let the app revoke. */
export type Posture = Pick<Policy, "mode" | "stopped">;

/** Why the app did not revoke. */
export type Rest = "off" | "reportOnly" | "stop";

/** The app revokes again after a rest. Storage's times, epoch milliseconds. */
export interface Resumption {
  readonly from: Rest;
  /** When the rest began. */
  readonly since: number;
  readonly at: number;
}

export const restOf = ({ mode, stopped }: Posture): Rest | null =>
  mode !== "enforce" ? mode : stopped ? "stop" : null;

const partition = "control";
export const postureRow = "posture";
const schema = z.object({
  schema: z.literal(1),
  mode: z.enum(["off", "reportOnly", "enforce"]),
  stopped: z.boolean(),
  left: z.object({ from: z.enum(["off", "reportOnly", "stop"]), since: z.number() }).nullable(),
});

/** What the row of the posture says: the settings led out of a rest at the time when it was written. */
export function readResumption(row: Row | undefined): Resumption | null {
  if (row === undefined) return null;
  const { left } = parseContent(row, schema);
  return left === null ? null : { ...left, at: row.timestamp };
}

/** A forged row may hide a rest: what is pending is shown first. */
const readPosture = (row: Row): Posture =>
  isForged(row) ? { mode: "off", stopped: false } : parseContent(row, schema);

/**
 * Stores the posture of this process's settings, unless it is the one that is in force. Returns the resumption when it leads out of a rest.
 * The row is written on a change only: its time is the time of the change. @throws the errors of storage
 */
export async function enterPosture(table: Table, { mode, stopped }: Posture): Promise<Resumption | null> {
  for (;;) {
    const { value } = await table.get(partition, postureRow);
    const before = value === undefined ? null : readPosture(value);
    if (before !== null && before.mode === mode && before.stopped === stopped) return null;
    const rest = before === null ? null : restOf(before);
    const isOver = value !== undefined && rest !== null && restOf({ mode, stopped }) === null;
    const left = isOver ? { from: rest, since: value.timestamp } : null;
    const content = { schema: 1, mode, stopped, left };
    try {
      const { storageTime } = await table.commit(partition, [
        value === undefined
          ? { type: "insert", row: postureRow, content }
          : { type: "replace", row: postureRow, content, etag: value.etag },
      ]);
      return left === null ? null : { ...left, at: storageTime };
    } catch (error) {
      // Another instance was first: perhaps with the same settings.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
