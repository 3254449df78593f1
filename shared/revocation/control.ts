import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import type { Table } from "../storage/table.ts";

/** What holds for every revocation of the tenant at once, shared by all instances. */
export interface Control {
  /** The emergency stop by operator: nothing is revoked and everything is kept. */
  readonly stopped: boolean;
  /** Storage's time before which Graph wants no further revoke; null when it said nothing. */
  readonly throttledUntil: number | null;
}

export interface ControlStore {
  /** @throws StorageRowError when the stop cannot be read: then nothing may be revoked. */
  read(): Promise<Control & { readonly storageTime: number }>;
  stop(stopped: boolean): Promise<void>;
  throttle(until: number): Promise<void>;
}

const partition = "control";
const stopRow = "stop";
const throttleRow = "throttle";
const stopSchema = z.object({ schema: z.literal(1), stopped: z.boolean() });
const throttleSchema = z.object({ schema: z.literal(1), until: z.number() });

export function createControlStore(table: Table): ControlStore {
  return {
    async read() {
      const { value: rows, storageTime } = await table.list(partition);
      const stop = rows.find(({ row }) => row === stopRow);
      const throttle = rows.find(({ row }) => row === throttleRow);
      return {
        stopped: stop !== undefined && parseContent(stop, stopSchema).stopped,
        throttledUntil: throttle === undefined ? null : parseContent(throttle, throttleSchema).until,
        storageTime,
      };
    },
    async stop(stopped) {
      await table.commit(partition, [{ type: "upsert", row: stopRow, content: { schema: 1, stopped } }]);
    },
    async throttle(until) {
      await table.commit(partition, [{ type: "upsert", row: throttleRow, content: { schema: 1, until } }]);
    },
  };
}
