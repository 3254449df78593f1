import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Queue } from "../storage/queue.ts";
import { parseRows } from "../storage/rows.ts";
import { isStorageError, putRow, StorageConflictError, type Table } from "../storage/table.ts";
import type { AlarmName } from "../telemetry/names.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type AlarmNotice, noticeMessage } from "./notice.ts";

/** Hands alarms on to the channels that want them. */
interface AlarmNotices<T extends Telemetry> {
  /** The telemetry with its alarms listened to. */
  readonly telemetry: T;
  /** Sends what was heard. Never throws: the alarm itself is told in the log. */
  flush(): Promise<void>;
}

/** One process need not send the same alarm so often: whoever delivers it would drop it. Milliseconds. */
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

const partition = "toldAlarms";
const schema = z.object({ schema: z.literal(1) });

/** An alarm that goes on is raised every few seconds: people are told once in so long, milliseconds. */
const raiseEvery = 3_600_000;

/** Whether people are to be told of this alarm now; then it counts as told. By storage's clock. @throws the errors of storage */
export async function isNewsAgain(state: Table, alarm: AlarmName): Promise<boolean> {
  const { value, storageTime } = await state.get(partition, alarm);
  const { read, unreadable } = parseRows(value === undefined ? [] : [value], schema);
  // Of another version: it is left to that one.
  if (unreadable.length > 0) return true;
  const [last] = read;
  if (last !== undefined && storageTime - last.row.timestamp < raiseEvery) return false;
  const content = { schema: 1 };
  try {
    await state.commit(partition, [putRow(alarm, content, value?.etag)]);
    return true;
  } catch (error) {
    // Somebody else tells it.
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}
