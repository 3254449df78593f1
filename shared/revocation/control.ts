import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { isForged, type Row, type Table, unforged } from "../storage/table.ts";
import { postureRow, type Resumption, readResumption } from "./posture.ts";

/** What holds for every revocation of the tenant at once, shared by all instances. */
export interface Control {
  /** The emergency stop by operator: nothing is revoked and everything is kept. */
  readonly stopped: boolean;
  /** Storage's time before which Graph wants no further revoke; null when it said nothing. */
  readonly throttledUntil: number | null;
  /** When revoking last began again after a rest, by an operator or by the settings; null when it was never interrupted. */
  readonly resumption: Resumption | null;
}

export interface ControlStore {
  /**
   * A forged row says nothing: the app counts as stopped until an operator resumes it. A row that was removed leaves no trace, so a stop that
   * storage cannot lift is `CUTOFF_STOP`.
   * @throws StorageRowError when another version wrote the stop: then nothing may be revoked.
   */
  read(): Promise<Control & { readonly storageTime: number }>;
  stop(stopped: boolean): Promise<void>;
  throttle(until: number): Promise<void>;
}

const partition = "control";
const stopRow = "stop";
const throttleRow = "throttle";
const stopSchema = z.object({
  schema: z.literal(1),
  stopped: z.boolean(),
  /** When the stop began that this row lifts; storage's time. */
  since: z.exactOptional(z.number()),
});
const throttleSchema = z.object({ schema: z.literal(1), until: z.number() });

export function createControlStore(table: Table): ControlStore {
  return {
    async read() {
      const { value: rows, storageTime } = await table.list(partition);
      const stop = rows.find(({ row }) => row === stopRow);
      const throttle = unforged(rows.find(({ row }) => row === throttleRow));
      return {
        stopped: stop !== undefined && (isForged(stop) || parseContent(stop, stopSchema).stopped),
        resumption: latest(
          readLifted(unforged(stop)),
          readResumption(unforged(rows.find(({ row }) => row === postureRow))),
        ),
        throttledUntil: throttle === undefined ? null : parseContent(throttle, throttleSchema).until,
        storageTime,
      };
    },
    async stop(stopped) {
      const { value } = await table.get(partition, stopRow);
      // The time of the row is the time of the change: nothing is written that changes nothing.
      if (value !== undefined && !isForged(value) && parseContent(value, stopSchema).stopped === stopped) return;
      const since = stopped || value === undefined ? {} : { since: value.timestamp };
      await table.commit(partition, [{ type: "upsert", row: stopRow, content: { schema: 1, stopped, ...since } }]);
    },
    async throttle(until) {
      await table.commit(partition, [{ type: "upsert", row: throttleRow, content: { schema: 1, until } }]);
    },
  };
}

function readLifted(stop: Row | undefined): Resumption | null {
  if (stop === undefined) return null;
  const { since } = parseContent(stop, stopSchema);
  return since === undefined ? null : { from: "stop", since, at: stop.timestamp };
}

function latest(a: Resumption | null, b: Resumption | null): Resumption | null {
  if (a === null || b === null) return a ?? b;
  return a.at >= b.at ? a : b;
}
