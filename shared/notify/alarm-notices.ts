import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Queue } from "../storage/queue.ts";
import { parseRows } from "../storage/rows.ts";
import { isStorageError, putRow, StorageConflictError, type Table } from "../storage/table.ts";
import type { AlarmName } from "../telemetry/names.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type AlarmNotice, noticeMessage } from "./notice.ts";

/** Sends alarms to the channels whose filters include them. */
interface AlarmNotices<T extends Telemetry> {
  /** The given telemetry. Each alarm that is raised on it is also noted here. */
  readonly telemetry: T;
  /** Sends the noted alarms. Never throws a storage error: the log has each alarm anyway. */
  flush(): Promise<void>;
}

/** Milliseconds between two notices of the same alarm from this process. A notice that is sent sooner would be dropped: see `raiseEvery`. */
const sendEvery = 600_000;

export function createAlarmNotices<T extends Telemetry>(
  telemetry: T,
  notices: Queue,
  clock: Pick<Clock, "now" | "monotonic">,
): AlarmNotices<T> {
  let heard: AlarmNotice[] = [];
  const sentAt = new Map<AlarmName, number>();
  return {
    telemetry: {
      ...telemetry,
      alarm(name, properties) {
        telemetry.alarm(name, properties);
        const now = clock.monotonic();
        if (now - (sentAt.get(name) ?? Number.NEGATIVE_INFINITY) < sendEvery) return;
        sentAt.set(name, now);
        const { principalId } = properties;
        heard.push({
          alarm: name,
          principalId: typeof principalId === "string" ? principalId : null,
          at: clock.now(),
          tries: 0,
        });
      },
    },
    async flush() {
      const alarms = heard;
      heard = [];
      try {
        for (const alarm of alarms) await notices.send(noticeMessage(alarm), 0);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        telemetry.event("storageUnavailable", { partition: "notices", code: error.code });
      }
    },
  };
}

const partition = "notifiedAlarms";
const schema = z.object({ schema: z.literal(1) });

/** Milliseconds between two messages to people about the same alarm. An alarm that lasts is raised every few seconds. */
const raiseEvery = 3_600_000;

/** Whether a message about this alarm is due now, by storage's clock. If so, the alarm is stored as sent. @throws the errors of storage */
export async function isNewsAgain(state: Table, alarm: AlarmName): Promise<boolean> {
  const { value, storageTime } = await state.get(partition, alarm);
  const { read, unreadable } = parseRows(value === undefined ? [] : [value], schema);
  // Another version wrote this row. It stays as it is.
  if (unreadable.length > 0) return true;
  const [last] = read;
  if (last !== undefined && storageTime - last.row.timestamp < raiseEvery) return false;
  const content = { schema: 1 };
  try {
    await state.commit(partition, [putRow(alarm, content, value?.etag)]);
    return true;
  } catch (error) {
    // Another invocation sends it.
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}
