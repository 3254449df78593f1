import { z } from "zod";
import type { PolicySettings } from "../settings/settings.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import { isForged, type Row, type Table } from "../storage/table.ts";

/** Whether the settings let the app revoke. */
export type Posture = Pick<PolicySettings, "mode" | "stopped">;

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
  /** When it began. In the content, since the row is written anew when the secret is rotated; rows of older versions have it as their time. */
  at: z.exactOptional(z.number()),
  left: z.object({ from: z.enum(["off", "reportOnly", "stop"]), since: z.number() }).nullable(),
});

/** What the row of the posture says: the settings led out of a rest. */
export function readResumption(row: Row | undefined): Resumption | null {
  if (row === undefined) return null;
  const { left, at = row.timestamp } = parseContent(row, schema);
  return left === null ? null : { ...left, at };
}

/** Since when the settings of this app are in force, storage's time; null: not known. @throws the errors of storage */
export async function readPostureSince(table: Table): Promise<number | null> {
  const { value } = await table.get(partition, postureRow);
  return value === undefined || isForged(value) ? null : readPosture(value).at;
}

/** A forged row may hide a rest: what is pending is shown first. */
function readPosture(row: Row): Posture & { readonly at: number } {
  if (isForged(row)) return { mode: "off", stopped: false, at: row.timestamp };
  const { mode, stopped, at = row.timestamp } = parseContent(row, schema);
  return { mode, stopped, at };
}

/**
 * Stores the posture of this process's settings, unless it is the one that is in force. Returns the resumption when it leads out of a rest.
 * @throws the errors of storage
 */
export async function enterPosture(table: Table, { mode, stopped }: Posture): Promise<Resumption | null> {
  for (;;) {
    const { value, storageTime: at } = await table.get(partition, postureRow);
    const before = value === undefined ? null : readPosture(value);
    if (before !== null && before.mode === mode && before.stopped === stopped) return null;
    const rest = before === null ? null : restOf(before);
    const isOver = before !== null && rest !== null && restOf({ mode, stopped }) === null;
    const left = isOver ? { from: rest, since: before.at } : null;
    const content = { schema: 1, mode, stopped, at, left };
    try {
      await table.commit(partition, [
        value === undefined
          ? { type: "insert", row: postureRow, content }
          : { type: "replace", row: postureRow, content, etag: value.etag },
      ]);
      return left === null ? null : { ...left, at };
    } catch (error) {
      // Another instance was first: perhaps with the same settings.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
