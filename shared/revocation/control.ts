import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
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

/** Who ordered a stop, by object id, and why: the reason may hold names, so only operators are shown it. */
export interface StopOrder {
  readonly by: string;
  readonly reason: string;
}

/** The stop that is in force. */
export interface Stop {
  /** Storage's time. */
  readonly since: number;
  /** Null: an older version did not note it, or somebody else wrote the row. */
  readonly order: StopOrder | null;
  readonly isForged: boolean;
}

export interface ControlStore {
  /**
   * A forged row says nothing: the app counts as stopped until an operator resumes it. A row that was removed leaves no trace, so a stop that
   * storage cannot lift is `CUTOFF_STOP`.
   * @throws StorageRowError when another version wrote the stop: then nothing may be revoked.
   */
  read(): Promise<Control & { readonly storageTime: number }>;
  /** The emergency stop. Repeated while it is in force it counts anew, so that no resume that began before lifts it. */
  stop(order?: StopOrder): Promise<void>;
  /**
   * What lifts the stop as it is now, and no later one. Its function resolves to false, and lifts nothing, when somebody ordered a stop since:
   * whoever resumes has not seen what that one is about.
   * @param orderedAt storage's time when the resume was ordered, whole seconds: a process may have been frozen since. Absent: now.
   */
  prepareLift(orderedAt?: number): Promise<() => Promise<boolean>>;
  throttle(until: number): Promise<void>;
}

/** Milliseconds: `orderedAt` says no more than the second, so a stop of the same second may have come before the order. */
const orderPrecision = 1000;

const partition = "control";
const stopRow = "stop";
const liftedRow = "lifted";
const throttleRow = "throttle";
/**
 * The row `stop` is there as long as the stop is in force; `lifted` tells of the one that was lifted last. A row `stop` that says that nothing is
 * stopped is one of an older version: whoever writes to storage could put it back over a new stop, with its seal, within a minute.
 */
const stopSchema = z.object({
  schema: z.literal(1),
  stopped: z.boolean(),
  /** When the stop began, or the one that was lifted; storage's time. */
  since: z.exactOptional(z.number()),
  /** When it was lifted; storage's time. In the content, since the row is written anew when the secret is rotated. */
  liftedAt: z.exactOptional(z.number()),
  /** Tells one order from the next. */
  order: z.exactOptional(z.int()),
  by: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
});
const throttleSchema = z.object({ schema: z.literal(1), until: z.number() });

export function createControlStore(table: Table): ControlStore {
  return {
    async read() {
      const { value: rows, storageTime } = await table.list(partition);
      const find = (name: string) => rows.find(({ row }) => row === name);
      const stop = find(stopRow);
      const throttle = unforged(find(throttleRow));
      const stopped = isInForce(stop);
      const lifted = stopped ? null : latest(readLifted(unforged(find(liftedRow))), readLifted(stop));
      return {
        stopped,
        resumption: latest(lifted, readResumption(unforged(find(postureRow)))),
        throttledUntil: throttle === undefined ? null : parseContent(throttle, throttleSchema).until,
        storageTime,
      };
    },
    async stop(order) {
      const { value, storageTime } = await table.get(partition, stopRow);
      const known = value === undefined || isForged(value) ? undefined : parseContent(value, stopSchema);
      const since = known?.stopped ? (known.since ?? value?.timestamp ?? storageTime) : storageTime;
      const content = { schema: 1, stopped: true, since, order: (known?.order ?? 0) + 1, ...order };
      await table.commit(partition, [{ type: "upsert", row: stopRow, content }]);
    },
    async prepareLift(orderedAt = Number.POSITIVE_INFINITY) {
      const { value: seen, storageTime: liftedAt } = await table.get(partition, stopRow);
      const isStopped = async () => isInForce((await table.get(partition, stopRow)).value);
      return async () => {
        if (seen === undefined || !isInForce(seen)) return !(await isStopped());
        if (seen.timestamp >= orderedAt + orderPrecision) return false;
        const { since = seen.timestamp } = isForged(seen) ? {} : parseContent(seen, stopSchema);
        try {
          await table.commit(partition, [
            { type: "upsert", row: liftedRow, content: { schema: 1, stopped: false, since, liftedAt } },
            { type: "delete", row: stopRow, etag: seen.etag },
          ]);
          return true;
        } catch (error) {
          if (!(error instanceof StorageConflictError)) throw error;
          // Another resume was first, or another stop.
          return !(await isStopped());
        }
      };
    },
    async throttle(until) {
      await table.commit(partition, [{ type: "upsert", row: throttleRow, content: { schema: 1, until } }]);
    },
  };
}

const isInForce = (stop: Row | undefined): boolean =>
  stop !== undefined && (isForged(stop) || parseContent(stop, stopSchema).stopped);

/** Null: no operator's stop is in force. @throws the errors of storage */
export async function readStop(table: Table): Promise<Stop | null> {
  const { value: row } = await table.get(partition, stopRow);
  if (row === undefined || !isInForce(row)) return null;
  if (isForged(row)) return { since: row.timestamp, order: null, isForged: true };
  const { since = row.timestamp, by, reason } = parseContent(row, stopSchema);
  return { since, order: by === undefined || reason === undefined ? null : { by, reason }, isForged: false };
}

function readLifted(row: Row | undefined): Resumption | null {
  if (row === undefined) return null;
  const { stopped, since, liftedAt = row.timestamp } = parseContent(row, stopSchema);
  return stopped || since === undefined ? null : { from: "stop", since, at: liftedAt };
}

function latest(a: Resumption | null, b: Resumption | null): Resumption | null {
  if (a === null || b === null) return a ?? b;
  return a.at >= b.at ? a : b;
}
