import { describe, expect, test } from "vitest";
import { GraphPermanentError } from "../../shared/graph/errors.ts";
import { SignalError } from "../../shared/reconcile/messages.ts";
import { toSafeError } from "../../shared/safe-errors.ts";
import { StorageRowError } from "../../shared/storage/table.ts";
import { canaries } from "../fixtures/canaries.ts";

/** All that a host may write of an error. */
const written = (error: unknown) => {
  const recorded = toSafeError(error);
  return JSON.stringify([recorded.message, recorded.stack, String(recorded.cause), Object.entries(recorded)]);
};

test.each([
  new SignalError("A message is not a signal of this version: see principalId."),
  new StorageRowError("Row head of partition heartbeat is not one that this version can read: see end (invalid_type)."),
])("of our own errors code and sentence are logged, and where they were thrown", (error) => {
  const recorded = toSafeError(error);
  expect(recorded.message).toBe(`${error.code}: ${error.message}`);
  expect(recorded.stack).toMatch(/\n {4}at .*safe-errors\.test\.ts:\d+:\d+/);
});

test("of any other only code or kind is logged, and where it was thrown", () => {
  const recorded = toSafeError(new TypeError("Cannot read Adele"));
  expect(recorded.message).toBe("TypeError");
  expect(recorded.stack).toMatch(/^Error: TypeError\n {4}at .*safe-errors\.test\.ts:\d+:\d+/);
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
