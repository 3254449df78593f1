import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../local/host/timer-schedule.ts";

const now = new Date("2026-03-01T10:00:07Z");
const next = (schedule: string) => parseSchedule(schedule, now).next(now).toISOString();

describe("parseSchedule", () => {
  it.each([
    ["*/10 * * * * *", "2026-03-01T10:00:10.000Z"],
    ["0 */5 * * * *", "2026-03-01T10:05:00.000Z"],
    ["0 30 9 * * Mon-Fri", "2026-03-02T09:30:00.000Z"],
    ["*/5 * * * *", "2026-03-01T10:05:00.000Z"],
    ["00:00:30", "2026-03-01T10:00:37.000Z"],
    // The 13th that is a Friday, not every 13th and every Friday.
    ["0 0 0 13 * 5", "2026-03-13T00:00:00.000Z"],
    ["0 0 0 1 * 5", "2026-05-01T00:00:00.000Z"],
  ])("%s is next due at %s", (schedule, expected) => {
    expect(next(schedule)).toBe(expected);
  });

  it("is remembered from one minute on", () => {
    const monitored = (schedule: string) => parseSchedule(schedule, now).isMonitored;
    expect([monitored("*/30 * * * * *"), monitored("00:00:59")]).toEqual([false, false]);
    expect([monitored("0 * * * * *"), monitored("00:01:00")]).toEqual([true, true]);
  });

  it.each(["", "every minute", "61 * * * * *", "0 0 0 L * *", "00:00:00", "0 0 0 30 2 *"])("refuses %j", (schedule) => {
    expect(() => parseSchedule(schedule, now)).toThrow(expect.objectContaining({ code: "functionInvalid" }));
  });
});
