import { expect, test } from "vitest";
import { registerResync } from "../../../functions/resync.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("resyncs whenever its schedule says", async () => {
  const { host, timers } = fakeHost();
  const resyncs: unknown[] = [];
  registerResync(host, fakeApp({ resync: async () => void resyncs.push("resync") }), "*/10 * * * * *");
  const { schedule, handler } = declared(timers, "resync");
  expect(schedule).toBe("*/10 * * * * *");
  const timer = {
    isPastDue: true,
    schedule: { adjustForDST: true },
    scheduleStatus: { last: "", next: "", lastUpdated: "" },
  };
  await handler(timer, invocation());
  expect(resyncs).toEqual(["resync"]);
});
