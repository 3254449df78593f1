import type { Clock } from "../clock.ts";
import type { Queue } from "../storage/queue.ts";
import { isStorageError } from "../storage/storage-errors.ts";
import type { AlarmName } from "../telemetry/event-names.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type AlarmNotice, noticeMessage } from "./notice.ts";

/** Hands alarms on to the channels that want them. */
export interface AlarmNotices<T extends Telemetry> {
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
