import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite/start-azurite.ts";
import { createApp } from "../../../shared/app.ts";
import { systemClock } from "../../../shared/base/clock.ts";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { packMessages } from "../../../shared/notifications/to-messages.ts";
import { readSettings } from "../../../shared/settings/read.ts";
import { createMessageSeal } from "../../../shared/storage/seal.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const messages = Array.from({ length: 6 }, (_, n) => ({
  v: 2,
  kind: "principal",
  principalId: `${n}f2504e0-4f89-41d3-9a0c-0305e82c3301`,
  because: "notification",
  tries: 0,
}));
const [pack] = packMessages(messages);

test("each message of our own pack is sent by itself, with our seal", async () => {
  const reading = readSettings({
    AzureWebJobsStorage: azurite.connectionString,
    CUTOFF_SECRET: "a secret of at least thirty-two characters",
    GRAPH_ENDPOINT: "http://127.0.0.1:1",
    GRAPH_SUBSCRIPTIONS: "off",
  });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const seal = createMessageSeal("reconcile", deriveKeys(reading.settings.secrets, "message"), systemClock);
  let taken: unknown;
  const queue = seal.sealed({
    send: async (message) => {
      taken = message;
    },
  });
  await queue.send(pack, 0);

  await createApp(reading.settings).reconcile(taken);

  const client = new QueueClient(azurite.connectionString, "reconcile");
  const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
  const sent = receivedMessageItems.map(({ messageText }) => JSON.parse(Buffer.from(messageText, "base64").toString()));
  expect(sent).toHaveLength(6);
  expect(sent).toEqual(expect.arrayContaining(messages.map((message) => expect.objectContaining(message))));
  expect(sent.map((message) => seal.isOurs(message))).toEqual(messages.map(() => true));
});
