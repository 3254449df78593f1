import { describe, expect, test } from "vitest";
import { readAudit } from "../../../../shared/replay/input/read-audit.ts";
import { classifyAudit } from "../../../../shared/signals/classify-audit.ts";
import { directoryRoleRow, JANE, pimRoleRow, streamed, USER_ADMIN } from "../../../fixtures/audit/audit-rows.ts";
import { portalCells } from "../../../fixtures/audit/portal-cells.ts";

const read = (value: unknown) => readAudit(value, "line 2, record 2");

function verdictOn(value: unknown) {
  const reading = read(value);
  return reading.kind === "record" ? classifyAudit(reading.record) : reading;
}

const tableRow = (row: ReturnType<typeof directoryRoleRow>, dynamic: (value: unknown) => unknown) => ({
  TimeGenerated: row.activityDateTime,
  Id: row.id,
  ActivityDisplayName: row.activityDisplayName,
  OperationName: row.activityDisplayName,
  Result: row.result,
  LoggedByService: row.loggedByService,
  Category: row.category,
  TargetResources: dynamic(row.targetResources),
  AdditionalDetails: dynamic(row.additionalDetails),
});

describe("one end, whatever it was exported with", () => {
  const row = directoryRoleRow();
  const iso = { ActivityDateTime: row.activityDateTime };
  test.each([
    ["Graph, the portal's JSON", row],
    ["the diagnostic setting", streamed(row)],
    ["the portal's CSV", portalCells(row)],
    ["the table AuditLogs as JSON", { ...tableRow(row, (value) => value), ...iso }],
    [
      "the table AuditLogs as CSV",
      { ...tableRow(row, JSON.stringify), "ActivityDateTime [UTC]": row.activityDateTime },
    ],
    [
      "the same in American",
      { ...tableRow(row, JSON.stringify), "ActivityDateTime [UTC]": "3/1/2026, 10:00:00.945 AM" },
    ],
  ])("%s", (_, value) => {
    expect(verdictOn(value)).toMatchObject({
      kind: "roleEnd",
      at: Date.parse("2026-03-01T10:00:00.945Z"),
      principalId: JANE,
      roleDefinitionId: USER_ADMIN,
    });
  });
});

test("a row of PIM out of the portal's CSV keeps its reason", () => {
  const targetResources = pimRoleRow().targetResources.filter(({ type }) => type === "User" || type === "Role");
  expect(verdictOn(portalCells(pimRoleRow({ targetResources })))).toMatchObject({ kind: "roleEnd", reason: "expired" });
});

test("the portal's CSV has no ids: the place stands in", () => {
  expect(read(portalCells(directoryRoleRow()))).toMatchObject({ record: { id: "line 2, record 2" } });
});

test("an activity on which no verdict can rest is not read any further", () => {
  const row = { activityDisplayName: "Update device", activityDateTime: "2026-03-01T10:00:00Z" };
  expect(read(row)).toEqual({ kind: "otherActivity", at: "2026-03-01T10:00:00Z" });
  expect(read(streamed(row))).toEqual({ kind: "otherActivity", at: "2026-03-01T10:00:00Z" });
});

test("a record of another log in the same container", () => {
  expect(read(streamed(directoryRoleRow(), { category: "SignInLogs" }))).toEqual({ kind: "otherLog" });
});

describe("unreadable: what is wrong, never its content", () => {
  test.each([
    ["no object", "Jane", "is no audit record"],
    ["null", null, "is no audit record"],
    ["a row without an id", directoryRoleRow({ id: "" }), "id is missing or not what it should be"],
    [
      "a row without a time",
      directoryRoleRow({ activityDateTime: "Jane" }),
      "activityDateTime is missing or not what it should be",
    ],
    [
      "a streamed record",
      streamed(directoryRoleRow({ targetResources: "Jane" })),
      "properties.targetResources is missing or not what it should be",
    ],
    ["another object", { name: "Jane" }, "id is missing or not what it should be"],
  ])("%s", (_, value, problem) => expect(read(value)).toEqual({ kind: "unreadable", problem }));
});
