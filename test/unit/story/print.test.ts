import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dayAndTimeOf, duration, say, table, timeOf, title } from "../../../local/story/print.ts";

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

test("a block says once that it is a simulation, and is plain where there is no terminal", () => {
  title("The end");
  say(timeOf("2026-03-01T10:00:00.5Z"), "It ended", "green");
  say(null, "without a time");
  table([
    ["a", "bb"],
    ["ccc", "d"],
  ]);
  expect(lines).toEqual([
    "\nsimulation The end",
    "  10:00:00.500  It ended",
    `  ${" ".repeat(12)}  without a time`,
    "  a    bb",
    "  ccc  d",
  ]);
});

describe("on a terminal", () => {
  const { isTTY } = process.stdout;
  beforeEach(() => {
    process.stdout.isTTY = true;
  });
  afterEach(() => {
    process.stdout.isTTY = isTTY;
  });

  test("good and bad are marked, for who sees no colours", () => {
    say(null, "kept", "green");
    say(null, "BROKEN", "red");
    say(null, "neither", "dim");
    const blank = " ".repeat(14);
    expect(lines.map(stripVTControlCharacters)).toEqual([
      `${blank}  ✓ kept`,
      `${blank}  ✗ BROKEN`,
      `${blank}    neither`,
    ]);
  });
});

test("a clock that runs past midnight shows the day", () => {
  expect(timeOf("2026-03-02T10:00:49Z")).toBe("10:00:49.000");
  expect(dayAndTimeOf("2026-03-02T10:00:49.12Z")).toBe("2026-03-02 10:00:49.120");
});
