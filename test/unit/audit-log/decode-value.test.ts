import { expect, test } from "vitest";
import { decodeValue } from "../../../shared/audit-log/record.ts";

test.each([
  ['"fe930be7"', "fe930be7"],
  ['""', ""],
  ['["a",1]', ["a", 1]],
  [' {"a":1}', { a: 1 }],
  ["DirectorySync", "DirectorySync"],
  ['"left open', '"left open'],
  ["[Filtered]", "[Filtered]"],
  ["123", "123"],
  ["true", "true"],
  ["null", "null"],
  ["", ""],
  [7, 7],
  [null, null],
  [undefined, null],
])("%j is %j", (written, meant) => {
  expect(decodeValue(written)).toEqual(meant);
});
