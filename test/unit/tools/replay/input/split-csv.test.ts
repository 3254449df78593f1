import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvPiece, createCsvSplitter } from "../../../../../tools/replay/input/split-csv.ts";

function split(text: string, sizes: readonly number[] = [64 * 1024], delimiter = ","): readonly CsvPiece[] {
  const splitter = createCsvSplitter(delimiter);
  const bytes = Buffer.from(text);
  const pieces: CsvPiece[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    pieces.push(...splitter.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  return [...pieces, ...splitter.end()];
}

const cells = (text: string, delimiter = ",") =>
  split(text, undefined, delimiter).map((piece) => ("cells" in piece ? piece.cells : piece.broken));

describe("cells", () => {
  test.each([
    [
      "bare",
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "with the line ends of Windows",
      'a,"b"\r\n1,2\r\n',
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "without the last line's end",
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["empty", 'a,,""\n', [["a", "", ""]]],
    ["quoted, with delimiters, line ends and quotes", '"a,b","c\nd","say ""hi"""\n', [["a,b", "c\nd", 'say "hi"']]],
    ["with a quote that stands for itself", '5" disk,b\n', [['5" disk', "b"]]],
    ["of other scripts", '"Zoë","蒋"\n', [["Zoë", "蒋"]]],
  ])("%s", (_, text, expected) => expect(cells(text)).toEqual(expected));

  test("of the delimiter that is asked for", () => expect(cells("a,b;c\n", ";")).toEqual([["a,b", "c"]]));
  test("of empty lines there are none", () =>
    expect(cells("a,b\n\n\r\n1,2\n")).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]));
});

test("line and record show where each one stands", () => {
  const pieces = split('a,b\n"x\ny",1\n\n2,3\n');
  expect(pieces.map(({ line, record }) => [line, record])).toEqual([
    [1, 1],
    [2, 2],
    [5, 3],
  ]);
});

describe("what never ends is given up", () => {
  test("at the end of the file", () =>
    expect(cells('a,b\n"x,1\n')).toEqual([["a", "b"], "has a quote that is never closed"]));

  test.each([
    ["a quote", '"', "has a quote that is never closed"],
    ["a line", "", "is longer than 4 MiB"],
  ])("before %s fills the memory", (_, opening, problem) => {
    const found = split(`a,b\n${opening}${"x".repeat(5 * 1024 * 1024)}`);
    expect(found[1]).toEqual({ line: 2, record: 2, broken: problem });
  });
});

test("what was written as CSV is read back, however the bytes arrive", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", " ") });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1 });
  fc.assert(
    fc.property(rows, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
      const text = all.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",")).join("\r\n");
      expect(split(text, sizes).map((piece) => "cells" in piece && piece.cells)).toEqual(all);
    }),
  );
});
