import { expect, test } from "vitest";
import { countDays } from "../../../../tools/replay/count-days.ts";
import { judgeEnds } from "../../../../tools/replay/judge-ends.ts";
import { directoryRoleRow } from "../../../fixtures/audit/audit-rows.ts";
import { historyOf } from "../../../fixtures/audit/history-of.ts";

const history = historyOf(directoryRoleRow({ activityDateTime: "2026-03-01T23:59:59.9Z" }));
const judged = judgeEnds(history, () => false);
const days = (firstDay: string | null, lastDay: string | null) => countDays(judged, { ...history, firstDay, lastDay });

test("days without an end are among them, in UTC", () => {
  expect(days("2026-02-28", "2026-03-02")).toEqual([
    { day: "2026-02-28", ends: 0, signOuts: 0 },
    { day: "2026-03-01", ends: 1, signOuts: 1 },
    { day: "2026-03-02", ends: 0, signOuts: 0 },
  ]);
});

test.each([
  ["2020-01-01", "2026-03-02"],
  ["2026-99-99", "2026-03-02"],
  [null, null],
])("only days with ends when the period is %s to %s", (firstDay, lastDay) => {
  expect(days(firstDay, lastDay)).toEqual([{ day: "2026-03-01", ends: 1, signOuts: 1 }]);
});
