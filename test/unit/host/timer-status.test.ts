import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../local/host/timer-schedule.ts";
import { isPastDue } from "../../../local/host/timer-status.ts";

const schedule = parseSchedule("0 */5 * * * *", new Date("2026-03-01T10:00:00Z"));
const at = (time: string) => new Date(`2026-03-01T${time}Z`);
const status = {
  last: "2026-03-01T10:00:00.000Z",
  next: "2026-03-01T10:05:00.000Z",
  lastUpdated: "2026-03-01T10:00:01.000Z",
};

describe("isPastDue", () => {
  it("is true only once the remembered occurrence has passed", () => {
    expect(isPastDue(status, schedule, at("10:05:00"))).toBe(false);
    expect(isPastDue(status, schedule, at("10:05:01"))).toBe(true);
  });

  it("judges a timer that never ran by when it was first seen", () => {
    const { last: _, ...never } = status;
    expect(isPastDue(never, schedule, at("10:06:00"))).toBe(true);
  });

  it("starts afresh when the schedule has changed", () => {
    const changed = parseSchedule("0 0 * * * *", at("10:00:00"));
    expect(isPastDue(status, changed, at("12:00:00"))).toBe(false);
  });
});
