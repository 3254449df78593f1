import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createJsonSplitter } from "../../../../../tools/replay/input/split-json.ts";

const KB = 1024;

/** What is cut out of `text`, as text, when it arrives in pieces of these sizes. */
function split(text: string | Buffer, sizes: readonly number[] = [64 * KB]) {
  const splitter = createJsonSplitter();
  const bytes = Buffer.from(text);
  const found: { line: number; record: number; text?: string; broken?: string }[] = [];
  const keep = (pieces: ReturnType<typeof splitter.push>) => {
    for (const piece of pieces) {
      const { line, record } = piece;
      found.push(
        "broken" in piece ? { line, record, broken: piece.broken } : { line, record, text: piece.bytes.toString() },
      );
    }
  };
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    keep(splitter.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  keep(splitter.end());
  return found;
}

const texts = (text: string, sizes?: readonly number[]) =>
  split(text, sizes).map((piece) => piece.text ?? piece.broken);

const one = '{"id":"1","list":[{"a":"}]"}]}';
const two = '{"id":"2","quoted":"\\"[{\\\\"}';

describe("the records of every wrapping are found", () => {
  const pretty = JSON.stringify([JSON.parse(one), JSON.parse(two)], null, 2);
  test.each([
    ["lines", `${one}\n${two}\n`],
    ["lines without the last line's end", `${one}\r\n${two}`],
    ["a list", `[${one},${two}]`],
    ["a list on lines", `[\n${one},\n${two}\n]\n`],
    ["a page of Graph", `{"@odata.context":"x","value":[${one}, ${two}],"@odata.nextLink":"y"}`],
    ["an envelope of the diagnostic setting", `{"records": [${one},${two}]}`],
    ["envelopes line by line", `{"records":[${one}]}\n{"records":[${two}]}`],
    ["pages without anything between", `{"value":[${one}]}{"value":[${two}]}`],
    ["a list of pages", `[{"value":[${one}]},{"value":[${two}]}]`],
  ])("%s", (_, text) => expect(texts(text)).toEqual([one, two]));

  test("a pretty-printed list, and one that is not indented", () => {
    const parsed = (text: string) => split(text).map((piece) => JSON.parse(piece.text ?? ""));
    expect(parsed(pretty)).toEqual([JSON.parse(one), JSON.parse(two)]);
    expect(parsed(pretty.replaceAll(/^ +/gm, ""))).toEqual([JSON.parse(one), JSON.parse(two)]);
  });

  test.each(["", "\n\n", "[]", '{"value":[]}', '{"records":[]}\n'])("nothing in %j", (text) =>
    expect(texts(text)).toEqual([]),
  );
});

test("line and record show where each one stands", () => {
  expect(split(`[\n${one},\n\n${two},${one}]`).map(({ line, record }) => [line, record])).toEqual([
    [2, 1],
    [4, 2],
    [4, 3],
  ]);
});

describe("what is broken costs no other record", () => {
  test.each([
    ["a line that breaks off", `${one}\n${one.slice(0, 12)}\n${two}`, [one, "never ends", two]],
    ["a line that breaks off in a string", `{"id":"x\n${two}`, ["never ends", two]],
    ["text between records", `${one}\nhello\n12\n${two}`, [one, "is no JSON object", "is no JSON object", two]],
    [
      "elements that are no objects",
      `[12,${one},"x",${two}]`,
      ["is no JSON object", one, "is a text and no JSON object", two],
    ],
    ["an element that breaks off", `[\n${one},\n{"id":[\n${two}\n]`, [one, "never ends", two]],
    ["an envelope that breaks off", `{"records":[${one},{"id"\n{"records":[${two}]}`, [one, "never ends", two]],
    ["the end of a record that is missing", `${one}\n{"id":`, [one, "never ends"]],
    ["the end of a list that is missing", `[${one},${two}`, [one, two, "the list it belongs to never ends"]],
    ["the end of a page that is missing", `{"value":[${one}],"x":`, [one, "never ends"]],
    ["a single bracket", `${one}{`, [one, "never ends"]],
    ["garbage at the end", `${one}\nxyz`, [one, "is no JSON object"]],
  ])("%s", (_, text, expected) => expect(texts(text)).toEqual(expected));

  test("a string that is never closed spoils one record of a pretty-printed list", () => {
    const records = [1, 2, 3].map((id) => ({ id: `${id}`, nested: [{ a: "b" }, "c"] }));
    const text = JSON.stringify(records, null, 2).replace('"id": "2"', '"id": "2');
    const pieces = split(text);
    expect(pieces).toHaveLength(3);
    expect(pieces.map(({ text: found = "" }) => /"id": "[13]"/.test(found))).toEqual([true, false, true]);
  });

  test("an endless record is given up before it fills the memory", () => {
    const text = `{"id":"${"x".repeat(17 * KB * KB)}\n${one}`;
    expect(texts(text, [KB * KB])).toEqual(["is longer than 16 MiB", one]);
  });
});

test("how the bytes arrive changes nothing, broken or whole", () => {
  const value = fc.jsonValue({ maxDepth: 3 }).map((inner) => ({ inner, é: "ü{[" }));
  const space = fc.constantFrom(undefined, 1, 4);
  const part = fc.oneof(
    fc.tuple(fc.array(value), space).map(([values, indent]) => JSON.stringify(values, null, indent)),
    fc.tuple(fc.array(value), space).map(([values, indent]) => JSON.stringify({ value: values }, null, indent)),
    value.map((inner) => JSON.stringify(inner)),
    fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", "x", "\r"),
  );
  const text = fc.array(fc.tuple(part, fc.constantFrom("\n", "", "\r\n", " "))).map((parts) => parts.flat().join(""));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
      expect(split(all, sizes)).toEqual(split(all));
    }),
    { numRuns: 500 },
  );
});
