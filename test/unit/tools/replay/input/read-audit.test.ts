import { describe, expect, test } from "vitest";
import { classifyAudit } from "../../../../../shared/audit-log/classify.ts";
import { readAudit } from "../../../../../tools/replay/input/read-audit.ts";
import { capitalized, cutAtDepth, renamed, tableCells } from "../../../../fixtures/audit/as-exported.ts";
import { directoryRoleRow, JANE, pimRoleRow, streamed, USER_ADMIN } from "../../../../fixtures/audit/audit-rows.ts";
import { portalCells, type Row } from "../../../../fixtures/audit/portal-cells.ts";

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

describe("what collectors put around a record", () => {
  const row = directoryRoleRow();
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  test.each([
    ["Elastic", { _index: "logs", _source: { azure: { auditlogs: { properties: renamed(row, snake) } } } }],
    ["Elastic, which keeps the original", { "@timestamp": "x", event: { original: JSON.stringify(streamed(row)) } }],
    ["Splunk", { preview: false, result: { _raw: JSON.stringify(row), host: "h" } }],
    ["a queue", { messageId: "1", body: JSON.stringify(streamed(row)) }],
  ])("%s", (_, value) => {
    expect(verdictOn(value)).toMatchObject({ kind: "roleEnd", principalId: JANE, roleDefinitionId: USER_ADMIN });
  });

  const [one, other] = [directoryRoleRow(), pimRoleRow()];
  test.each<readonly [string, unknown, readonly unknown[]]>([
    ["a batch of Graph", { responses: [{ body: { value: [one] } }, { body: { value: [other] } }] }, [one, other]],
    [
      "the hits of Elastic",
      { took: 1, hits: { total: 2, hits: [one, other].map((row) => ({ _source: { audit: { properties: row } } })) } },
      [one, other],
    ],
    ["JSON in a list of texts", { messages: [JSON.stringify(one), JSON.stringify([other, one])] }, [one, other, one]],
    ["objects by their ids", { a: one, b: other }, [one, other]],
    ["another thing in the same list", { rows: [{ body: one }, { body: "Jane" }, 7] }, [one, { body: "Jane" }, 7]],
  ])("several in one: %s", (_, value, inside) => {
    expect(read(value)).toEqual({ kind: "several", inside });
  });

  test("that is too deep or another shape is no file without ends", () => {
    const other = "abcdefgh".split("").reduce<unknown>((inside, key) => ({ [key]: inside }), row);
    expect(read(other)).toMatchObject({ kind: "unreadable", isReporting: true });
    expect(read({ Name: row.activityDisplayName })).toMatchObject({ kind: "unreadable", isReporting: true });
    expect(read({ Name: "Update user" })).toMatchObject({ kind: "unreadable", isReporting: false });
  });
});

test("an activity that no verdict needs is not read any further", () => {
  const row = { activityDisplayName: "Update device", activityDateTime: "2026-03-01T10:00:00Z" };
  const passed = { kind: "passed", as: "otherActivity", at: "2026-03-01T10:00:00Z" };
  expect(read(row)).toEqual(passed);
  expect(read(streamed(row))).toEqual(passed);
});

test("a record of another log in the same container", () => {
  expect(read(streamed(directoryRoleRow(), { category: "SignInLogs" }))).toMatchObject({ as: "otherLog" });
});

describe("keys in any case, on every level", () => {
  const cases: readonly (readonly [string, (key: string) => string])[] = [
    ["PascalCase", capitalized],
    ["small letters", (key) => key.toLowerCase()],
    ["capitals", (key) => key.toUpperCase()],
    ["snake_case", (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)],
  ];
  test.each(cases)("%s", (_, rename) => {
    const own = renamed(pimRoleRow(), rename);
    const expected = { kind: "roleEnd", reason: "expired", principalId: JANE, roleDefinitionId: USER_ADMIN };
    expect(verdictOn(own)).toMatchObject(expected);
    expect(verdictOn(renamed(streamed(pimRoleRow()), rename))).toMatchObject(expected);
  });

  test("the documented key counts where two mean the same", () => {
    expect(verdictOn({ ...directoryRoleRow(), Result: "failure" })).toMatchObject({ kind: "roleEnd" });
    expect(verdictOn({ ...directoryRoleRow({ result: null }), Result: "success" })).toMatchObject({ kind: "roleEnd" });
  });
});

describe("what exports make of nested lists", () => {
  const { targetResources } = directoryRoleRow();
  test.each([
    ["JSON in a string", JSON.stringify(targetResources)],
    ["JSON in the strings of a list", targetResources.map((one) => JSON.stringify(one))],
    ["one object in place of a list of one", targetResources[0]],
    ["what PowerShell 5 counts", { value: targetResources, Count: 1 }],
    ["what Elastic numbers", Object.fromEntries(targetResources.map((one, n) => [String(n), one]))],
  ])("%s", (_, written) => {
    expect(verdictOn(directoryRoleRow({ targetResources: written }))).toMatchObject({
      kind: "roleEnd",
      principalId: JANE,
    });
  });

  test.each([0, 1, 2])("cut %i levels below the record: refused, and how to export", (depth) => {
    expect(read(cutAtDepth(pimRoleRow(), depth))).toMatchObject({
      kind: "unreadable",
      isReporting: true,
      problem: expect.stringMatching(/^targetResources.*\. The export cut .* -Depth 10/),
    });
  });

  test.each(["System.Object[]", "Microsoft.Graph.PowerShell.Models.MicrosoftGraphTargetResource[]", "[object Object]"])(
    "%s in a cell",
    (TargetResources) => {
      expect(read({ ...tableCells(directoryRoleRow()), TargetResources })).toMatchObject({
        problem: expect.stringMatching(/^TargetResources holds the name of a type/),
      });
    },
  );
});

describe("columns that a query left out", () => {
  const without =
    (...names: readonly string[]) =>
    (row: Row) =>
      Object.fromEntries(Object.entries(tableCells(row)).filter(([name]) => !names.includes(name)));
  const end = { kind: "roleEnd", at: Date.parse("2026-03-01T10:00:00.945Z"), principalId: JANE };

  test.each([
    ["ActivityDateTime: TimeGenerated serves", ["ActivityDateTime"]],
    ["ActivityDisplayName: OperationName serves", ["ActivityDisplayName"]],
    ["the id", ["Id"]],
    ["the details", ["AdditionalDetails"]],
    ["service and category, which the directory's own activities imply", ["LoggedByService", "Category"]],
  ])("%s", (_, names) => expect(verdictOn(without(...names)(directoryRoleRow()))).toMatchObject(end));

  test("the category of PIM's activities, which are the same for roles, groups and Azure resources", () => {
    expect(read(without("Category")(pimRoleRow()))).toMatchObject({ kind: "record", gap: "category" });
  });

  test.each([
    ["ActivityDateTime", ["ActivityDateTime", "TimeGenerated"]],
    ["Result", ["Result"]],
    ["TargetResources", ["TargetResources"]],
    ["Result and no TargetResources", ["Result", "TargetResources"]],
  ])("reported by name: %s", (said, names) => {
    expect(read(without(...names)(directoryRoleRow()))).toMatchObject({
      isReporting: true,
      problem: expect.stringMatching(new RegExp(`^has no ${said}\\. `)),
    });
  });
});

describe("dates of which nobody knows the day or the zone", () => {
  test.each(["06.09.2026 18:40", "9/6/2026 18:40", "6/9/2026 6:40:46 pm", "2026/09/06 18:40", "46271.778"])(
    "%s",
    (date) => {
      expect(read({ ...portalCells(directoryRoleRow()), "Date (UTC)": date })).toMatchObject({
        isReporting: true,
        problem: expect.stringMatching(/^Date \(UTC\) has a date as one country or a spreadsheet writes it/),
      });
    },
  );
});

describe("a column with times in another zone", () => {
  const { ActivityDateTime, TimeGenerated: _, ...table } = tableCells(directoryRoleRow());
  const { "Date (UTC)": utc, ...portal } = portalCells(directoryRoleRow());
  test.each([
    ["ActivityDateTime [Local Time]", { "ActivityDateTime [Local Time]": ActivityDateTime, ...table }],
    ["TimeGenerated [Europe/Berlin]", { "TimeGenerated [Europe/Berlin]": ActivityDateTime, ...table }],
    ["Datum (MEZ)", { "Datum (MEZ)": utc, ...portal }],
  ])("%s", (name, row) => {
    expect(read(row)).toMatchObject({
      isReporting: true,
      problem: `has its time in ${name}, which is not in UTC. Have the dates shown in UTC and export again`,
    });
  });
});

test("a result in another language is reported, not taken for a failure", () => {
  expect(read(directoryRoleRow({ result: "成功" }))).toMatchObject({
    problem: expect.stringMatching(/^result has another word than success/),
  });
});

test("a line of the portal's CSV whose columns for targets are all in use may lack some", () => {
  expect(read(portalCells(pimRoleRow()))).toMatchObject({ kind: "record", gap: "targets" });
  expect(read(portalCells(directoryRoleRow()))).toMatchObject({ kind: "record", gap: null });
});

describe("unreadable: what is wrong, never its content", () => {
  test.each([
    ["no object", "Jane", "is no audit record"],
    ["null", null, "is no audit record"],
    ["a row without a time", directoryRoleRow({ activityDateTime: "Jane" }), "activityDateTime is no date and time"],
    [
      "a streamed record",
      streamed(directoryRoleRow({ targetResources: "Jane" })),
      "targetResources is text and no JSON",
    ],
    ["another object", { name: "Jane" }, "is no audit record: it has no activityDisplayName"],
    ["an error of Graph", { error: { code: "Jane" } }, "is an error that was answered instead of records"],
    ["a sign-in", { createdDateTime: "Jane", appDisplayName: "Jane" }, "is a sign-in"],
    ["Purview", { RecordType: 8, Workload: "Jane", Operation: "Jane" }, "is a record of the unified audit log"],
    ["a call", { RequestUri: "Jane" }, "is a call to Microsoft Graph"],
    [
      "Azure's own log",
      { operationName: { value: "Jane" }, eventTimestamp: "Jane" },
      "is a record of the activity log",
    ],
  ])("%s", (_, value, problem) => {
    const reading = read(value);
    expect(reading).toMatchObject({ kind: "unreadable", problem: expect.stringContaining(problem) });
    expect(JSON.stringify(reading)).not.toContain("Jane");
  });
});
