import { expect, test } from "vitest";
import { registerPrincipals } from "../../../functions/principals.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("hands every message of the signals queue to reconcile as it came", async () => {
  const { host, queues } = fakeHost();
  const reconciled: unknown[] = [];
  registerPrincipals(host, fakeApp({ reconcile: async (message) => void reconciled.push(message) }));
  const { queueName, connection, handler } = declared(queues, "principals");
  expect({ queueName, connection }).toEqual({ queueName: "reconcile", connection: "AzureWebJobsStorage" });
  await handler({ any: "thing" }, invocation());
  expect(reconciled).toEqual([{ any: "thing" }]);
});

test("a failure is the host's to know", async () => {
  const { host, queues } = fakeHost();
  registerPrincipals(host, fakeApp({ reconcile: () => Promise.reject(new Error("no")) }));
  await expect(Promise.resolve(declared(queues, "principals").handler({}, invocation()))).rejects.toThrow("no");
});
