import { expect, test } from "vitest";
import { ArgumentError, readArguments } from "../../../../tools/doctor/read-arguments.ts";

const id = "3F2504E0-4F89-11D3-9A0C-0305E82C3301";

test("without arguments it only reads", () => {
  expect(readArguments([])).toEqual({
    settingsFile: null,
    json: false,
    sendTest: false,
    prove: null,
    canary: null,
    proveExposure: null,
    urls: [],
    minutes: 90,
    help: false,
  });
});

test("what is given is taken", () => {
  const args = [
    "--settings",
    "a.json",
    "--json",
    "--send-test",
    "--prove",
    id,
    "--read",
    "https://a.example/x",
    "--read",
    "https://b.example/",
    "--minutes",
    "5",
  ];
  expect(readArguments(args)).toMatchObject({
    settingsFile: "a.json",
    json: true,
    sendTest: true,
    prove: id.toLowerCase(),
    urls: ["https://a.example/x", "https://b.example/"],
    minutes: 5,
  });
});

test.each([
  [["--prove", "jane@contoso.example"], "object id"],
  [["--prove-exposure", "x"], "client id"],
  [["--read", "http://a.example"], "https"],
  [["--minutes", "soon"], "number"],
  [["--everything"], "--everything"],
])("%j is refused: %s", (args, says) => {
  expect(() => readArguments(args)).toThrow(ArgumentError);
  expect(() => readArguments(args)).toThrow(says);
});
