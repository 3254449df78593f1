import { expect, test } from "vitest";
import { jsonReport } from "../../../../../tools/replay/output/json-report.ts";
import { replay } from "../../../../../tools/replay/replay.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../../../fixtures/audit/one-week.ts";

const report = await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {});

test("the pieces make the whole report", () => {
  expect(JSON.parse([...jsonReport(report)].join(""))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("without an end it is JSON as well", () => {
  expect(JSON.parse([...jsonReport({ ...report, ends: [] })].join(""))).toMatchObject({ ends: [] });
});
