import { expect, test } from "vitest";
import { registerHeartbeat } from "../../../functions/heartbeat.ts";
import { heartbeatQueue } from "../../../shared/storage/queue.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("hands every message of the heartbeat queue to heartbeat", async () => {
  const { host, queues } = fakeHost();
  const heartbeats: unknown[] = [];
  registerHeartbeat(host, fakeApp({ heartbeat: async (message) => void heartbeats.push(message) }));
  const { queueName, connection, handler } = declared(queues, "heartbeat");
  expect({ queueName, connection }).toEqual({ queueName: heartbeatQueue, connection: "AzureWebJobsStorage" });
  await handler({ n: 1 }, invocation());
  expect(heartbeats).toEqual([{ n: 1 }]);
});
