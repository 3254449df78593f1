import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Queue } from "../../../shared/storage/queue.ts";
import {
  type Operation,
  StorageConflictError,
  StorageLimitError,
  StorageMissingError,
  StorageRefusedError,
  StorageRowError,
  StorageUnavailableError,
  type Table,
} from "../../../shared/storage/table.ts";
import { accountKey, type FakeService, startFakeService, tableError, transactionResults } from "./fake-service.ts";

const operations: readonly Operation[] = [
  { type: "upsert", row: "a", content: { text: "a document" } },
  { type: "delete", row: "b", etag: 'W/"1"' },
];
const written = `204 No Content\r\nETag: W/"2"`;
const deleted = "204 No Content";

let service: FakeService;
let table: Table;
let queue: Queue;

beforeEach(async () => {
  service = await startFakeService();
  table = service.storage.table("principals");
  queue = service.storage.queue("principals");
});
afterEach(() => service.stop());

const everyCall: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["get", () => table.get("p", "a")],
  ["list", () => table.list("p")],
  ["scan", () => table.scan("")[Symbol.asyncIterator]().next()],
  ["commit", () => table.commit("p", operations)],
  ["send", () => queue.send("message", 0)],
];

describe.each(everyCall)("%s", (_, call) => {
  test("a connection that breaks is storage being unavailable", async () => {
    service.answer = (_, response) => response.destroy();
    await expect(call()).rejects.toThrow(StorageUnavailableError);
  });

  test.each([429, 500, 503])("status %i is storage being unavailable", async (status) => {
    service.answer = tableError(status, "ServerBusy");
    await expect(call()).rejects.toThrow(StorageUnavailableError);
  });

  test.each([401, 403])("status %i is a refusal that says what to do", async (status) => {
    service.answer = tableError(status, "AuthorizationFailure");
    await expect(call()).rejects.toThrow(/Storage Table Data Contributor/);
    await expect(call()).rejects.toThrow(StorageRefusedError);
  });

  test("a table or queue that may not be created is a refusal", async () => {
    service.answerCreation = tableError(403, "AuthorizationPermissionMismatch");
    await expect(call()).rejects.toThrow(StorageRefusedError);
  });

  test("an answer without a date is storage being unavailable", async () => {
    service.answerCreation = (_, response) => {
      response.sendDate = false;
      response.writeHead(201).end();
    };
    await expect(call()).rejects.toThrow(StorageUnavailableError);
  });

  test("no error shows the key or the document", async () => {
    service.answer = tableError(503, "ServerBusy");
    const error: unknown = await call().catch((error: unknown) => error);
    const shown = inspect(error, { depth: 20, showHidden: true });
    expect(shown).not.toContain(accountKey);
    expect(shown).not.toContain("SharedKey");
    expect(shown).not.toContain("a document");
  });
});

describe("nobody waits for long", () => {
  const everyFailure = async () => {
    const results = await Promise.allSettled(everyCall.map(([, call]) => call()));
    return results.map((result) => result.status === "rejected" && result.reason instanceof StorageUnavailableError);
  };
  const allUnavailable = everyCall.map(() => true);

  test("for an answer that never comes", async () => {
    service.answer = () => {};
    expect(await everyFailure()).toEqual(allUnavailable);
  });

  test("for a Retry-After of minutes", async () => {
    service.answer = (_, response) => response.writeHead(503, { "retry-after": "300" }).end();
    expect(await everyFailure()).toEqual(allUnavailable);
  });
});

describe("creation on first use", () => {
  const creations = () => service.requests.filter((request) => request === "POST /account/Tables").length;

  test("happens once for many calls at the same time", async () => {
    service.answer = tableError(404, "ResourceNotFound");
    await Promise.all([table.get("p", "a"), table.get("p", "b"), table.get("p", "c")]);
    await table.get("p", "d");
    expect(creations()).toBe(1);
  });

  test("is tried again after it failed", async () => {
    service.answer = tableError(404, "ResourceNotFound");
    service.answerCreation = tableError(403, "AuthorizationFailure");
    await expect(table.get("p", "a")).rejects.toThrow(StorageRefusedError);
    service.answerCreation = tableError(409, "TableAlreadyExists");
    expect((await table.get("p", "a")).value).toBeUndefined();
    expect(creations()).toBe(2);
  });

  test("waits while the table is being deleted", async () => {
    service.answerCreation = tableError(409, "TableBeingDeleted");
    await expect(table.get("p", "a")).rejects.toThrow(StorageUnavailableError);
  });

  test("happens again for a table that somebody deleted, which is no empty row", async () => {
    service.answer = tableError(404, "TableNotFound");
    await expect(table.get("p", "a")).rejects.toThrow(StorageMissingError);
    await expect(table.commit("p", operations)).rejects.toThrow(StorageMissingError);
    expect(creations()).toBe(2);
    service.answer = tableError(404, "ResourceNotFound");
    expect((await table.get("p", "a")).value).toBeUndefined();
    expect(creations()).toBe(3);
  });
});

describe("a commit", () => {
  const commit = () => table.commit("p", operations);

  test("gives an etag per written row", async () => {
    service.answer = transactionResults(written, deleted);
    expect((await commit()).value).toEqual(new Map([["a", 'W/"2"']]));
  });

  test("is sent once: a repetition would meet its own etag", async () => {
    service.answer = tableError(503, "ServerBusy");
    await expect(commit()).rejects.toThrow(StorageUnavailableError);
    expect(service.requests.filter((request) => request === "POST /account/$batch")).toHaveLength(1);
  });

  const failed = (status: string, code: string) =>
    `${status}\r\n\r\n{"odata.error":{"code":"${code}","message":{"lang":"en-US","value":"0:${code}"}}}`;

  test.each([
    ["412 Precondition Failed", "UpdateConditionNotSatisfied", StorageConflictError],
    ["409 Conflict", "EntityAlreadyExists", StorageConflictError],
    ["404 Not Found", "ResourceNotFound", StorageConflictError],
    ["404 Not Found", "TableNotFound", StorageMissingError],
    ["403 Forbidden", "AuthorizationPermissionMismatch", StorageRefusedError],
    ["400 Bad Request", "InvalidInput", StorageRefusedError],
    ["400 Bad Request", "EntityTooLarge", StorageLimitError],
    ["413 Payload Too Large", "RequestBodyTooLarge", StorageLimitError],
    ["429 Too Many Requests", "TooManyRequests", StorageUnavailableError],
    ["500 Internal Server Error", "InternalError", StorageUnavailableError],
  ])("%s %s inside a transaction is distinguished", async (status, code, expected) => {
    service.answer = transactionResults(failed(status, code));
    await expect(commit()).rejects.toThrow(expected);
  });

  test("a failed result without a body is a failure all the same", async () => {
    service.answer = transactionResults("412 Precondition Failed");
    await expect(commit()).rejects.toThrow(StorageConflictError);
  });

  test.each([
    ["a missing result", [written]],
    ["a missing etag", [deleted, deleted]],
    ["no result that can be read", ["what?"]],
    ["no result at all", []],
  ])("%s leaves open whether it was applied", async (_, results) => {
    service.answer = transactionResults(...results);
    await expect(commit()).rejects.toThrow(StorageUnavailableError);
  });
});

describe("a stored entity", () => {
  const answerEntity = (entity: object) => {
    service.answer = (_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(entity));
  };
  const entity = { "odata.etag": 'W/"1"', PartitionKey: "p", RowKey: "a", Timestamp: "2026-09-06T18:10:47.0112345Z" };

  test("gives the time at which it was written", async () => {
    answerEntity({ ...entity, content: "1" });
    expect((await table.get("p", "a")).value?.timestamp).toBe(Date.parse("2026-09-06T18:10:47.011Z"));
  });

  test.each([{}, { content: "{" }, { content: 1 }, { other: "1" }])(
    "that is not ours has no content: %j",
    async (more) => {
      answerEntity({ ...entity, ...more });
      expect((await table.get("p", "a")).value?.content).toBeUndefined();
    },
  );

  test("without an etag or a time is an error", async () => {
    answerEntity({ ...entity, "odata.etag": undefined });
    await expect(table.get("p", "a")).rejects.toThrow(StorageRowError);
    answerEntity({ ...entity, Timestamp: "yesterday" });
    await expect(table.get("p", "a")).rejects.toThrow(StorageRowError);
  });
});
