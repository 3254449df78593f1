import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import { undefinedWhenMissing } from "./host-table.ts";
import type { TimerSchedule } from "./timer-schedule.ts";

const statusRow = z.object({
  last: z.iso.datetime().optional(),
  next: z.iso.datetime(),
  lastUpdated: z.iso.datetime(),
});

/** When a timer last ran and is next due, as ISO times. */
export type TimerStatus = z.infer<typeof statusRow>;

export interface TimerStatusStore {
  read(): Promise<TimerStatus | undefined>;
  write(status: TimerStatus): Promise<void>;
}

export function createTimerStatusStore(table: TableClient, hostId: string, name: string): TimerStatusStore {
  const rowKey = `status ${name}`;
  return {
    read: async () => {
      const row = await table.getEntity(hostId, rowKey).catch(undefinedWhenMissing);
      return row && statusRow.parse(row);
    },
    write: async (status) => {
      await table.upsertEntity({ partitionKey: hostId, rowKey, ...status }, "Replace");
    },
  };
}

/** Whether an occurrence was missed, judged by the schedule as it is now: a changed one starts afresh. */
export function isPastDue(status: TimerStatus, schedule: TimerSchedule, now: Date): boolean {
  const expected = schedule.next(new Date(status.last ?? status.lastUpdated)).toISOString();
  return expected === status.next && now.getTime() > Date.parse(status.next);
}

/** The trigger's JSON input; the package turns its names to camel case. */
export function toTimerData(status: TimerStatus | undefined, pastDue: boolean): { json: string } {
  const ScheduleStatus = status && {
    Last: status.last ?? "0001-01-01T00:00:00",
    Next: status.next,
    LastUpdated: status.lastUpdated,
  };
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: ScheduleStatus ?? null,
      IsPastDue: pastDue,
    }),
  };
}
