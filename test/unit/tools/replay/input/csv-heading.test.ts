import { describe, expect, test } from "vitest";
import { csvLayout, headingOf } from "../../../../../tools/replay/input/csv-heading.ts";

test.each([
  ['"Date (UTC)",CorrelationId,Service,Category,Activity\n', ","],
  ["Date (UTC);Activity;Result\r\n", ";"],
  ["TimeGenerated [UTC]\tOperationName\tResult", "\t"],
  ['"TimeGenerated [UTC]","TokenIssuedAt [UTC]"\n', ","],
  ['{"Activity":1,"OperationName":2}', undefined],
  ["Activity\n", undefined],
  ["", undefined],
])("%j is parted by %j", (start, delimiter) => {
  expect(csvLayout(Buffer.from(start))).toEqual(delimiter && { delimiter, problem: undefined });
});

describe("what stands above the heading is passed over", () => {
  test.each([
    ["#TYPE System.Management.Automation.PSCustomObject\r\nDate (UTC),Activity\r\n", ","],
    ["sep=,\nDate (UTC),Activity\n", ","],
    ["sep=;\r\nDate (UTC);Activity\r\n", ";"],
    ['"sep=|"\nDate (UTC)|Activity\n', "|"],
    ["\n\nDate (UTC),Activity\n", ","],
  ])("%j", (start, delimiter) => {
    expect(csvLayout(Buffer.from(start))).toEqual({ delimiter, problem: undefined });
  });
});

describe("a CSV of something else says of what", () => {
  test.each([
    ["Datum (UTC),Dienst,Kategorie,Vorgang\n", "another language"],
    ["日付,サービス,カテゴリ\n", "another language"],
    ["name,surname,town\n", "are none of an audit log"],
    ["CreationDate,UserIds,Operations,AuditData\n", "Microsoft Purview"],
    ["Date (UTC),Request ID,User,Application\n", "sign-in logs"],
  ])("%j: %s", (start, problem) => {
    expect(csvLayout(Buffer.from(start))?.problem).toContain(problem);
  });
});

describe("headings of the portal in another language", () => {
  const targets = ["ResultReason", "Target1Type", "Target1ObjectId"];
  test("are recognised by their position", () => {
    expect(
      headingOf(["日付 (UTC)", "CorrelationId", "サービス", "カテゴリ", "アクティビティ", "状態", ...targets]),
    ).toEqual(["日付 (UTC)", "CorrelationId", "Service", "Category", "Activity", "Result", ...targets]);
  });

  test("a column that was taken out or moved is none of them", () => {
    const taken = ["Date (UTC)", "CorrelationId", "Service", "Activity", ...targets, "AdditionalDetail1Key"];
    expect(headingOf(taken)).toEqual(taken);
    const names = ["Activity", "CorrelationId", "Service", "Category", "Date (UTC)", "Result", ...targets];
    expect(headingOf(names)).toEqual(names);
  });
});
