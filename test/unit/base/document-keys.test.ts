import fc from "fast-check";
import { expect, test } from "vitest";
import { maxKeyLength, parseRowKey, rowKey } from "../../../shared/base/keys.ts";
import { checkKey } from "../../../shared/storage/table.ts";

const part = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "|", "=", "=7C", "a|b", "/", "%"),
);
const parts = fc
  .tuple(part, fc.array(part, { maxLength: 5 }))
  .map(([first, rest]): [string, ...string[]] => [first, ...rest]);

test("keys are readable", () => {
  expect(rowKey("holding", "role", "62e90394-69f5-4237-9190-012177145e10", "/")).toBe(
    "holding|role|62e90394-69f5-4237-9190-012177145e10|=2F",
  );
  expect(rowKey("2026-09-06T18:10:47.01Z", "a=b", "é'")).toBe("2026-09-06T18:10:47.01Z|a=3Db|=C3=A9=27");
});

test("a last part that is empty gives the prefix of the keys below", () => {
  expect(rowKey("holding", "role", "x").startsWith(rowKey("holding", ""))).toBe(true);
  expect(rowKey("holdings", "role").startsWith(rowKey("holding", ""))).toBe(false);
});

test("parsing gives the parts back, so different parts never share a key", () => {
  fc.assert(
    fc.property(parts, (given) => {
      const key = rowKey(...given);
      fc.pre(key.length < maxKeyLength);
      expect(parseRowKey(key)).toEqual(given);
    }),
  );
});

test("every key but the empty one is allowed in a table", () => {
  fc.assert(
    fc.property(parts, (given) => {
      const key = rowKey(...given);
      fc.pre(key !== "");
      expect(() => checkKey(key)).not.toThrow();
    }),
  );
});

test("a long key is shortened to the limit, differs for different parts and keeps its beginning", () => {
  const long = "x".repeat(600);
  const key = rowKey("holding", long, "1");
  expect(key).toHaveLength(maxKeyLength);
  expect(key).toBe(rowKey("holding", long, "1"));
  expect(key).not.toBe(rowKey("holding", long, "2"));
  expect(key.startsWith(rowKey("holding", ""))).toBe(true);
  expect(parseRowKey(key)).toBeUndefined();
});

test("a key of exactly the limit is kept as it is", () => {
  const exact = "x".repeat(maxKeyLength);
  expect(rowKey(exact)).toBe(exact);
  expect(rowKey(`${exact}x`)).toContain("=sha256.");
});

test.each([
  ["an unescaped character", "a/b"],
  ["an escape in lower case", "=2f"],
  ["an escape that was not needed", "=41"],
  ["an escape that is not UTF-8", "=FF"],
  ["half an escape", "a=2"],
])("%s is not a key of ours", (_, key) => {
  expect(parseRowKey(key)).toBeUndefined();
});

test("a lone surrogate is refused instead of colliding with another", () => {
  expect(() => rowKey("\uD800")).toThrow(URIError);
});
