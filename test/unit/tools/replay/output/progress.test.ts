import { expect, test } from "vitest";
import { createProgress } from "../../../../../tools/replay/output/progress.ts";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

test("the share, ten times a second at most, and gone in the end", () => {
  const screen = terminal(true);
  let now = 0;
  const progress = createProgress(200e6, screen, () => now);
  progress.advance(50e6);
  now = 99;
  progress.advance(50e6);
  now = 100;
  progress.advance(50e6);
  progress.clear();
  expect(screen.written).toEqual([
    `\r${"█".repeat(8)}${"░".repeat(22)} 25 %  50.0 of 200.0 MB\x1b[K`,
    `\r${"█".repeat(23)}${"░".repeat(7)} 75 %  150.0 of 200.0 MB\x1b[K`,
    "\r\x1b[K",
  ]);
});

test("a file that grew stays at the whole, and one of unknown size draws no nonsense", () => {
  const screen = terminal(true);
  createProgress(1e6, screen, () => 0).advance(2e6);
  createProgress(0, screen, () => 0).advance(2e6);
  for (const drawn of screen.written) expect(drawn).toMatch(/^\r█{30} 100 %/);
});

test("nothing where there is no terminal", () => {
  const pipe = terminal(false);
  const progress = createProgress(1e6, pipe, () => 0);
  progress.advance(1e6);
  progress.clear();
  expect(pipe.written).toEqual([]);
});
