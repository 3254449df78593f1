import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { freshFor, openContent, sealContent } from "../../../shared/storage/seal.ts";

const keys = deriveKeys({ current: "a secret of at least thirty-two characters", previous: null }, "seal");
const place = { table: "principals", partition: "jane", row: "head" };
const at = 1_767_600_000_000;
const content = { schema: 1, b: [1, null], a: "ä\ud83d\ude00", 1: true };
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const sealed = () => stored(sealContent(content, place, at, keys));

test("what was sealed opens, with the time that storage needs", () => {
  expect(openContent(sealed(), place, at, keys)).toEqual({ seal: "valid", content });
  expect(openContent(sealed(), place, at + freshFor, keys)).toEqual({ seal: "valid", content });
  expect(openContent(sealed(), place, at - freshFor, keys)).toEqual({ seal: "valid", content });
});

test("any JSON object survives", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (members) => {
      fc.pre(!("seal" in members) && !Object.hasOwn(members, "__proto__"));
      const object = { ...members, schema: 1 };
      const { seal } = openContent(stored(sealContent(object, place, at, keys)), place, at, keys);
      expect(seal).toBe("valid");
    }),
  );
});

test.each([undefined, null, "text", 1, [], {}, { schema: "1" }, { schema: 1.5 }, { v: 1 }])(
  "a row without the version of its form is not written: %j",
  (unversioned) => {
    expect(() => sealContent(unversioned, place, at, keys)).toThrow(TypeError);
  },
);

test.each([
  ["in another table", { ...place, table: "state" }],
  ["in another partition", { ...place, partition: "omar" }],
  ["in another row", { ...place, row: "attempt" }],
  ["with its keys shifted", { ...place, partition: "janeh", row: "ead" }],
])("%s it is broken", (_, other) => {
  expect(openContent(sealed(), other, at, keys)).toEqual({ seal: "broken", content: undefined });
});

test.each<[string, (row: Record<string, unknown>) => unknown]>([
  ["a changed field", (row) => ({ ...row, a: "b" })],
  ["another version", (row) => ({ ...row, schema: 2 })],
  ["one field more", (row) => ({ ...row, c: 1 })],
  ["one field less", ({ b: _, ...row }) => row],
  ["another time", (row) => ({ ...row, seal: String(row.seal).replace(String(at), String(at + 1)) })],
  ["no seal", ({ seal: _, ...row }) => row],
  ["an empty seal", (row) => ({ ...row, seal: "" })],
  ["half a seal", (row) => ({ ...row, seal: String(row.seal).slice(0, -1) })],
  ["a seal that is no text", (row) => ({ ...row, seal: { at } })],
  ["nothing", () => undefined],
  ["a text", () => "row"],
])("with %s it is broken", (_, change) => {
  const row = sealed();
  if (typeof row !== "object" || row === null) throw new Error("A sealed row is an object.");
  expect(openContent(change({ ...row }), place, at, keys)).toEqual({ seal: "broken", content: undefined });
});

test("written long after it was sealed it was put back by another writer", () => {
  expect(openContent(sealed(), place, at + freshFor + 1, keys)).toEqual({ seal: "replayed", content: undefined });
});

test("while the secret is rotated the previous one opens and the new one seals; afterwards it does not", () => {
  const next = { current: "another secret of more than 32 characters", previous: null };
  const rotating = deriveKeys({ ...next, previous: "a secret of at least thirty-two characters" }, "seal");
  expect(openContent(sealed(), place, at, rotating)).toEqual({ seal: "old", content });
  expect(openContent(stored(sealContent(content, place, at, rotating)), place, at, rotating).seal).toBe("valid");
  expect(openContent(sealed(), place, at, deriveKeys(next, "seal")).seal).toBe("broken");
});

test("only objects can be sealed", () => {
  expect(() => sealContent("text", place, at, keys)).toThrow(TypeError);
});
