import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readOperation } from "../../../shared/operators/orders.ts";
import { jane } from "../../fixtures/fake-world.ts";

const read = (action: string, body: unknown) => readOperation(action, JSON.stringify(body));
const problemsOf = (action: string, body: unknown) => {
  const reading = read(action, body);
  return reading.kind === "badBody" ? reading.problems : reading;
};

test.each(["stop", "review", "resume", "release", "redrive"])(
  "%s needs a reason, and the caller cannot choose the name of the operator",
  (action) => {
    expect(read(action, { reason: " drill " })).toEqual({ kind: "operation", operation: { action, reason: "drill" } });
    expect(problemsOf(action, {})).toEqual(["reason: expected a text of 1 to 200 characters (required)."]);
    expect(problemsOf(action, { reason: "drill", by: "duty" })).toEqual([expect.stringContaining("1 unknown field")]);
  },
);

test("release takes one user, redrive one message", () => {
  expect(read("release", { reason: "checked", principalId: jane.toUpperCase() })).toMatchObject({
    operation: { principalId: jane },
  });
  expect(read("redrive", { reason: "mended", messageId: "m-1" })).toMatchObject({ operation: { messageId: "m-1" } });
});

test.each([true, false])(
  "whether to carry out what is pending may come as a truth or as its text: %s",
  (carryOutPending) => {
    for (const given of [carryOutPending, String(carryOutPending)]) {
      expect(read("resume", { reason: "drill", carryOutPending: given })).toEqual({
        kind: "operation",
        operation: { action: "resume", reason: "drill", carryOutPending },
      });
    }
    expect(read("resume", { reason: "drill", carryOutPending: "yes" })).toMatchObject({
      kind: "badBody",
      problems: [expect.stringContaining("true or false")],
    });
  },
);

describe("bad input", () => {
  test.each(["", "Stop", "toString", "__proto__", "stop/", "hasOwnProperty"])("no such action: %j", (action) => {
    expect(read(action, { reason: "drill" })).toEqual({
      kind: "unknownAction",
      actions: ["stop", "review", "resume", "release", "redrive"],
    });
  });

  test.each(["", "{", "reason=x", "\u0000"])("a body that is no JSON: %j", (body) => {
    expect(readOperation("stop", body)).toMatchObject({
      kind: "badBody",
      problems: [expect.stringMatching(/must be JSON/)],
    });
  });

  test.each([[null], [[]], ["text"], [1]])("a body that is no object: %j", (body) => {
    expect(problemsOf("stop", body)).toEqual([expect.stringMatching(/must be a JSON object/)]);
  });

  test.each(["", "   ", "x".repeat(201), 1, null])("a reason that is none: %j", (reason) => {
    expect(problemsOf("stop", { reason })).toEqual(["reason: expected a text of 1 to 200 characters (required)."]);
  });

  test("all problems are reported at once", () => {
    expect(problemsOf("release", { principalId: "jane" })).toEqual([
      "reason: expected a text of 1 to 200 characters (required).",
      "principalId: expected the object id of a user.",
    ]);
  });

  test("a misspelt field never turns one user into all", () => {
    expect(problemsOf("release", { reason: "checked", principalid: jane })).toEqual([
      "1 unknown field: release takes reason, principalId.",
    ]);
    expect(problemsOf("stop", { reason: "checked", principalId: jane, x: 1 })).toEqual([
      "2 unknown fields: stop takes reason.",
    ]);
  });

  test("what was sent is never repeated", () => {
    const secret = fc.string({ minLength: 9 }).filter((text) => !/^[\s"a-z :.,{}]*$/i.test(text));
    fc.assert(
      fc.property(secret, fc.constantFrom("reason", "principalId", "secret"), (text, field) => {
        const recorded = JSON.stringify(read("release", { [field]: [text], [text]: 1 }));
        expect(recorded).not.toContain(JSON.stringify(text).slice(1, -1));
      }),
    );
  });
});
