import { expect, test } from "vitest";
import { formatProblems } from "../../../shared/settings/read.ts";

const problem = {
  setting: "CUTOFF_MODE",
  found: '"on"',
  expected: "off, reportOnly or enforce",
  example: "reportOnly",
};

test("each problem is a line that names what to do", () => {
  expect(formatProblems([problem])).toBe(
    "One problem with the app settings. Nothing is watched until this is put right:\n" +
      '  CUTOFF_MODE: found "on"; expected off, reportOnly or enforce (example: reportOnly)',
  );
  expect(formatProblems([problem, problem])).toMatch(/^2 problems with the app settings\./);
});
