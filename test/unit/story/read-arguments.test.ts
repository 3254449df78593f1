import { expect, test } from "vitest";
import { readArguments } from "../../../local/story/read-arguments.ts";

test("without arguments the story is played with the app, which then serves on", () => {
  expect(readArguments([])).toEqual({ once: false, without: false });
});

test("what is given is taken", () => {
  expect(readArguments(["--once", "--without"])).toEqual({ once: true, without: true });
});

test.each([["--onec"], ["once"], ["--once=yes"]])("%s is refused", (argument) => {
  expect(() => readArguments([argument])).toThrow(TypeError);
});
