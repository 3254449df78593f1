import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { duration, say, table, title } from "../../../local/story/print.ts";

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

test.each([
  [310, "0.31 s"],
  [59_994, "59.99 s"],
  [60_000, "01 min 00 s"],
  [124_400, "02 min 04 s"],
  [100_782_000, "27 h 59 min 42 s"],
])("%i ms are %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test("every line says that it is a simulation, and is plain where there is no terminal", () => {
  title("The end");
  say("2026-03-01T10:00:00.5Z", "It ended");
  say(null, "without a time");
  table([
    ["a", "bb"],
    ["ccc", "d"],
  ]);
  expect(lines).toEqual([
    "\nsimulation The end",
    "simulation 10:00:00.5Z0  It ended",
    `simulation ${" ".repeat(12)}  without a time`,
    "simulation   a    bb",
    "simulation   ccc  d",
  ]);
});
