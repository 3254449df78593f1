import { expect, test } from "vitest";
import { registerDirectoryAuditStream } from "../../../functions/directory-audit-stream.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("hands on whole batches of the event hub that the settings name, and has failed ones delivered again", async () => {
  const { host, hubs } = fakeHost();
  const taken: unknown[] = [];
  const stream = { eventHubName: "audits", consumerGroup: "pim-cutoff" };
  registerDirectoryAuditStream(host, fakeApp({ takeStream: async (messages) => void taken.push(messages) }), stream);
  const { connection, cardinality, retry, handler, ...rest } = declared(hubs, "directoryAuditStream");
  expect(rest).toMatchObject(stream);
  expect({ connection, cardinality, retry }).toMatchObject({
    connection: "AUDIT_EVENTHUB",
    cardinality: "many",
    retry: { strategy: "fixedDelay", maxRetryCount: 5 },
  });
  await handler([{ records: [] }, { records: [] }], invocation());
  await handler({ records: [] }, invocation());
  expect(taken).toEqual([[{ records: [] }, { records: [] }], [{ records: [] }]]);
});
