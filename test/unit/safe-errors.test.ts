import { describe, expect, test } from "vitest";
import { GraphPermanentError } from "../../shared/graph/errors.ts";
import { SignalError } from "../../shared/reconcile/messages.ts";
import { tellError } from "../../shared/safe-errors.ts";
import { StorageRowError } from "../../shared/storage/table.ts";
import { canaries } from "../fixtures/canaries.ts";

/** All that a host may write of an error. */
const written = (error: unknown) => {
  const told = tellError(error);
  return JSON.stringify([told.message, told.stack, String(told.cause), Object.entries(told)]);
};

test.each([
  new SignalError("A message is not a signal of this version: see principalId."),
  new StorageRowError("Row head of partition rush is not one that this version can read: see end (invalid_type)."),
])("of our own errors code and sentence are told, and where they were thrown", (error) => {
  const told = tellError(error);
  expect(told.message).toBe(`${error.code}: ${error.message}`);
  expect(told.stack).toMatch(/\n {4}at .*safe-errors\.test\.ts:\d+:\d+/);
});

test("of any other only code or kind is told, and where it was thrown", () => {
  const told = tellError(new TypeError("Cannot read Adele"));
  expect(told.message).toBe("TypeError");
  expect(told.stack).toMatch(/^Error: TypeError\n {4}at .*safe-errors\.test\.ts:\d+:\d+/);
});

describe.each(Object.entries(canaries))("%s", (kind, canary) => {
  test("in an SDK's error, its causes and its lines goes no further", () => {
    const cause = new Error(`GET https://graph.microsoft.com/v1.0/users/${canary}`);
    const error = Object.assign(new Error(`first\n    at ${canary} (/x.ts:1:1)\n${canary}`, { cause }), {
      code: canary,
      request: { headers: { authorization: canary } },
    });
    expect(written(error)).not.toContain(canary);
    expect(written(canary)).not.toContain(canary);
    expect(written({ message: canary })).not.toContain(canary);
  });

  test("that Graph put into our own error's sentence goes no further", () => {
    // What Graph says is reduced to its code before (`send.ts`), so a name cannot get there.
    if (kind === "name") return;
    const error = new GraphPermanentError(`GET users/{id} answered 400 (${canary}).`, { code: canary, cause: canary });
    expect(written(error)).not.toContain(canary);
  });
});
