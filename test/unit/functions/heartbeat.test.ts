import { expect, test } from "vitest";
import { registerResyncPulse } from "../../../functions/heartbeat.ts";
import { pulsesQueue } from "../../../shared/storage/queue.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("hands every message of the pulse queue to pulse", async () => {
  const { host, queues } = fakeHost();
  const pulses: unknown[] = [];
  registerResyncPulse(host, fakeApp({ pulse: async (message) => void pulses.push(message) }));
  const { queueName, connection, handler } = declared(queues, "resyncPulse");
  expect({ queueName, connection }).toEqual({ queueName: pulsesQueue, connection: "AzureWebJobsStorage" });
  await handler({ n: 1 }, invocation());
  expect(pulses).toEqual([{ n: 1 }]);
});
