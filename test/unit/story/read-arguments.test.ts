import { expect, test } from "vitest";
import { help, readArguments } from "../../../local/story/read-arguments.ts";

test("without arguments the story is played with the app, which then serves on", () => {
  expect(readArguments([])).toEqual({ once: false, without: false, help: false });
});

test("what is given is taken", () => {
  expect(readArguments(["--once", "--without", "--help"])).toEqual({ once: true, without: true, help: true });
});

test.each([["--onec"], ["once"], ["--once=yes"]])("%s is refused", (argument) => {
  expect(() => readArguments([argument])).toThrow(TypeError);
});

test("the help names every option", () => {
  for (const option of ["--once", "--without", "--help"]) expect(help).toContain(`  ${option} `);
});
