import { expect, test } from "vitest";
import { readArguments } from "../../../../tools/replay/read-arguments.ts";

test("files and options in any order", () => {
  const args = ["a.json", "--activity", "b.csv", "--html", "out.html", "--activity=c.csv", "--json", "d.gz"];
  expect(readArguments(args)).toEqual({
    files: ["a.json", "d.gz"],
    activityFiles: ["b.csv", "c.csv"],
    json: true,
    html: "out.html",
    help: false,
  });
});

test("help needs no file", () => expect(readArguments(["-h"]).help).toBe(true));

test.each([
  ["no file", []],
  ["only an activity log", ["--activity", "b.csv"]],
  ["an unknown option", ["--nope", "a.json"]],
  ["an option without its file", ["a.json", "--html"]],
  ["a page over the log", ["--html", "./a.json", "a.json"]],
  ["a page over the activity log", ["--html", "b.csv", "--activity", "./x/../b.csv", "a.json"]],
])("%s is refused", (_, args) => {
  expect(() => readArguments(args)).toThrowError(expect.objectContaining({ name: "ReplayError", code: "usage" }));
});
