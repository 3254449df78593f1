import { expect, test } from "vitest";
import { registerPrincipalsPoison } from "../../../functions/principals-poison.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("parks what the host gave up on, under the message's id", async () => {
  const { host, queues } = fakeHost();
  const parked: unknown[] = [];
  registerPrincipalsPoison(host, fakeApp({ park: async (...args) => void parked.push(args) }));
  const { queueName, connection, handler } = declared(queues, "principalsPoison");
  expect({ queueName, connection }).toEqual({ queueName: "reconcile-poison", connection: "AzureWebJobsStorage" });
  await handler("rubbish", invocation({ id: "message-7" }));
  expect(parked).toEqual([["rubbish", "message-7"]]);
});
