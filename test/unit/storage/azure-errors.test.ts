import { AuthenticationError, CredentialUnavailableError } from "@azure/identity";
import { expect, test } from "vitest";
import { toStorageError } from "../../../shared/storage/call-storage.ts";
import { StorageConflictError, StorageRefusedError, StorageUnavailableError } from "../../../shared/storage/table.ts";

test("our own errors stay what they are", () => {
  const error = new StorageConflictError("Read again.");
  expect(toStorageError(error)).toBe(error);
});

test.each([400, 401, 403])("a token refused with %i is a refusal", (status) => {
  expect(toStorageError(new AuthenticationError(status, "{}"))).toBeInstanceOf(StorageRefusedError);
});

test.each([
  ["a token service that fails", new AuthenticationError(503, "{}")],
  ["a token service that cannot be reached", new CredentialUnavailableError("no answer")],
  ["an error that nobody foresaw", new TypeError("fetch failed")],
  ["what is no error at all", "broken"],
])("%s is storage being unavailable", (_, error) => {
  expect(toStorageError(error)).toBeInstanceOf(StorageUnavailableError);
});
