import { expect, test } from "vitest";
import { registerDirectoryAuditCatchUp } from "../../../functions/directory-audit-catch-up.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("reads on every half minute", async () => {
  const { host, timers } = fakeHost();
  const readings: unknown[] = [];
  registerDirectoryAuditCatchUp(host, fakeApp({ catchUp: async () => void readings.push("read") }));
  const { schedule, handler } = declared(timers, "directoryAuditCatchUp");
  expect(schedule).toBe("*/30 * * * * *");
  await handler(
    { isPastDue: false, schedule: { adjustForDST: true }, scheduleStatus: { last: "", next: "", lastUpdated: "" } },
    invocation(),
  );
  expect(readings).toEqual(["read"]);
});
