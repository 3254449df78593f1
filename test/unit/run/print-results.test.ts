import { expect, test } from "vitest";
import type { Group } from "../../run/groups.ts";
import { describeResults } from "../../run/print-results.ts";

const group = (name: string, command = `test:${name}`): Group => ({
  name,
  command,
  does: `the tests of ${name}`,
  projects: [name],
});
const green = { isGreen: true, seconds: 59, passed: 10, failed: 0, skipped: 0 };

test("a green run says what it took, what it leaves out and which command runs that", () => {
  const results = [{ group: group("a"), ...green }];
  expect(
    describeResults({
      results,
      seconds: 59,
      stopped: [],
      leftOut: [group("b"), group("c"), group("c-alone", "test:c")],
    }),
  ).toEqual([
    "",
    "Passed in 59 s",
    "  passed        59 s     10 passed  the tests of a",
    "What this command does not run:",
    "  npm run test:b              the tests of b",
    "  npm run test:c              the tests of c; the tests of c-alone",
    "  npm run test:all            everything",
    "10 passed, 0 failed, 0 skipped",
  ]);
});

test("a red one says which group failed, what did not run any more, and how long groups took side by side", () => {
  const red = { ...green, isGreen: false, seconds: 61, failed: 2, skipped: 1 };
  const results = [
    { group: group("a"), ...green },
    { group: group("b"), ...red },
  ];
  expect(describeResults({ results, seconds: 62, stopped: [group("c")], leftOut: [] })).toEqual([
    "",
    "FAILED in 1 min 02 s",
    "  passed        59 s     10 passed  the tests of a",
    "  FAILED  1 min 01 s     10 passed  the tests of b",
    "  not run, after a failure:           the tests of c",
    "20 passed, 2 failed, 1 skipped",
  ]);
});
