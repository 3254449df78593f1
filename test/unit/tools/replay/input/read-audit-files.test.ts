import { describe, expect, test } from "vitest";
import { readAuditFiles } from "../../../../../tools/replay/input/read-audit-files.ts";
import { judgeEnds } from "../../../../../tools/replay/judge-ends.ts";
import { noCounts } from "../../../../../tools/replay/record-class.ts";
import { ReplayError } from "../../../../../tools/replay/replay-error.ts";
import {
  capitalized,
  csv,
  cutAtDepth,
  portalCsv,
  queryAnswer,
  renamed,
  tableCells,
} from "../../../../fixtures/audit/as-exported.ts";
import { directoryRoleRow, JANE, pimRoleRow, streamed } from "../../../../fixtures/audit/audit-rows.ts";
import { portalCells, type Row } from "../../../../fixtures/audit/portal-cells.ts";
import { temporaryFile } from "../../../../fixtures/temporary-file.ts";

const read = (...files: readonly string[]) => readAuditFiles(files, () => {});
const otherRow = { activityDisplayName: "Update device", activityDateTime: "2026-02-01T10:00:00Z" };
const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

test("every record is counted as one thing, and an unreadable one reported by its place", async () => {
  const other = { activityDisplayName: "Update device", activityDateTime: "2026-03-02T10:00:00Z" };
  const signIn = streamed(directoryRoleRow(), { category: "SignInLogs" });
  const file = await temporaryFile("a.jsonl", `${lines(directoryRoleRow(), other, signIn, { id: 1 })}\nnothing`);
  const { reading, history } = await read(file);
  expect(reading).toEqual({
    files: [file],
    refused: [],
    records: 5,
    counts: { ...noCounts(), end: 1, otherActivity: 1, otherLog: 1, unreadable: 2 },
    otherPlanes: [],
    unreadable: {
      count: 2,
      reporting: 0,
      places: [
        {
          file,
          position: "line 4, record 4",
          problem: expect.stringContaining("is no audit record: it has no activityDisplayName"),
        },
        { file, position: "line 5, record 5", problem: "is no JSON object" },
      ],
    },
  });
  expect(history).toMatchObject({ firstDay: "2026-03-01", lastDay: "2026-03-02" });
});

test("several files are one log", async () => {
  const first = await temporaryFile("a.json", JSON.stringify([pimRoleRow()]));
  const second = await temporaryFile("b.json", JSON.stringify({ value: [directoryRoleRow()] }));
  const { history } = await read(first, second);
  expect(history.ends).toHaveLength(2);
});

test("an export without records is an export", async () => {
  expect((await read(await temporaryFile("a.json", '{"value":[]}'))).reading.records).toBe(0);
});

describe("no export of the directory audit log: refused for the reason that is known", () => {
  test.each([
    ["text", "hello\nworld\n", "is no JSON object"],
    ["nothing", "", "the file is empty"],
    ["a byte order mark and nothing else", "\ufeff\r\n", "the file is empty"],
    ["an image", new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), "is no JSON object"],
    ["a workbook", "PK\x03\x04...", "an Excel workbook"],
    ["a web page", "<!doctype html><title>Sign in</title>", "a web page"],
    ["CLIXML", '#< CLIXML\r\n<Objs Version="1.1.0.1">', "CLIXML"],
    ["what PowerShell shows", "\nActivityDateTime    : 9/6/2026 6:40:46 PM\n", "Format-List"],
    ["another JSON", '{"name":"x"}', "is no audit record"],
    ["an error", '{"error":{"code":"Authentication_RequestFromNonPremiumTenant"}}', "is an error"],
    ["another log", lines(streamed(directoryRoleRow(), { category: "MicrosoftGraphActivityLogs" })), "--activity"],
    ["Format-Table", "\nTime     Category\n----     --------\n9/6/2026 RoleManagement\n", "Format-Table"],
    ["what Python shows", "[{'id': 'x', 'activityDisplayName': 'Update user'}]", "json.dumps"],
    ["bzip2", "BZh91AY&SY", "packed with bzip2"],
    ["xz", new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 1]), "packed with xz"],
    ["zstd", new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 4]), "packed with zstd"],
    ["Avro", "Obj\x01\x04\x14avro.codec", "Event Hubs Capture"],
    ["Parquet", "PAR1\x15\x04", "Parquet"],
    ["records that were encoded twice", JSON.stringify(JSON.stringify(otherRow)), "is a text and no JSON object"],
    ["headings in another language", "Datum (UTC),Dienst,Kategorie\na,b,c\n", "language of the portal set to English"],
    ["cut depth", JSON.stringify([cutAtDepth(directoryRoleRow(), 1), otherRow]), "-Depth 10"],
    [
      "only local dates",
      csv([{ ...portalCells(directoryRoleRow()), "Date (UTC)": "06.09.2026 18:40" }]),
      "line 2: Date (UTC)",
    ],
    [
      "a query answer that is too long",
      `{"tables":[{"columns":[],"rows":[["${"x".repeat(17 * 1024 * 1024)}"]]}]}`,
      "query API",
    ],
  ])("%s", async (_, content, reason) => {
    const file = await temporaryFile("a.json", content);
    await expect(read(file)).rejects.toSatisfy(
      (error) =>
        error instanceof ReplayError &&
        error.code === "notAnExport" &&
        error.message.startsWith(`${file} cannot be replayed: `) &&
        error.message.includes(reason),
    );
  });

  test("beside one that is: the other stands", async () => {
    const good = await temporaryFile("good.json", lines(directoryRoleRow()));
    const bad = await temporaryFile("bad.json", lines(otherRow, cutAtDepth(directoryRoleRow(), 1)));
    const { reading, history } = await read(good, bad, `${good}.nope`);
    expect(reading.refused).toMatchObject([
      { file: bad, code: "notAnExport", reason: expect.stringContaining(bad) },
      { file: `${good}.nope`, code: "noFile" },
    ]);
    // Nothing of a refused file is counted.
    expect(reading.counts).toEqual({ ...noCounts(), end: 1 });
    expect(history).toMatchObject({ firstDay: "2026-03-01", lastDay: "2026-03-01" });
  });

  test("one record that can be read is enough for a report, which counts the others", async () => {
    const file = await temporaryFile("a.jsonl", lines(directoryRoleRow(), cutAtDepth(directoryRoleRow(), 1)));
    const { reading } = await read(file);
    expect(reading.unreadable).toMatchObject({ count: 1, reporting: 1 });
  });
});

describe("a record without an id", () => {
  const pim = pimRoleRow({ targetResources: pimRoleRow().targetResources.slice(0, 3) });
  const portal = (...rows: readonly Row[]) => portalCsv(rows);

  test("that stands in two exports is one record, read before", async () => {
    const files = await Promise.all([
      temporaryFile("a.csv", portal(directoryRoleRow(), pim)),
      temporaryFile("b.csv", portal(pim, directoryRoleRow())),
    ]);
    expect((await read(...files)).reading.counts).toEqual({ ...noCounts(), end: 1, cutOffEnd: 1, repeated: 2 });
  });

  test("is another one when anything in it differs", async () => {
    const file = await temporaryFile("a.csv", portal(pim, { ...pim, correlationId: "another" }));
    expect((await read(file)).reading.counts).toEqual({ ...noCounts(), cutOffEnd: 2 });
  });
});

describe("the same end and no record more or less, however the file was saved", () => {
  const rows = [directoryRoleRow(), pimRoleRow()];
  const portal = portalCsv([
    directoryRoleRow(),
    pimRoleRow({ targetResources: pimRoleRow().targetResources.slice(3, 5) }),
  ]);
  const table = csv(rows.map(tableCells));
  const graph = lines(...rows);
  test.each<readonly [string, string | Uint8Array]>([
    ["portal CSV", portal],
    ["#TYPE above it", `#TYPE System.Management.Automation.PSCustomObject\r\n${portal}`],
    ["sep= above it", `sep=,\r\n${portal}`],
    ["UTF-16 with a mark", Buffer.from(`\ufeff${portal}`, "utf16le")],
    ["UTF-16 without one", Buffer.from(portal, "utf16le")],
    ["UTF-16, big end first", Buffer.from(`\ufeff${portal}`, "utf16le").swap16()],
    ["the same without a mark", Buffer.from(portal, "utf16le").swap16()],
    [
      "headings in Japanese",
      portal
        .replace('"Date (UTC)"', '"日付 (UTC)"')
        .replace('"Activity"', '"アクティビティ"')
        .replace('"Result"', '"状態"'),
    ],
    ["table CSV", table],
    ["table CSV, semicolons", csv(rows.map(tableCells), ";")],
    ["table CSV, tabs", csv(rows.map(tableCells), "\t")],
    ["table CSV, bars", csv(rows.map(tableCells), "|")],
    ["Splunk's CSV", csv(rows.map((row) => ({ _time: "x", host: "h", _raw: JSON.stringify(row) })))],
    ["pages in a list", JSON.stringify(rows.map((row) => ({ "@odata.context": "x", value: [row] })))],
    ["lists in a list", JSON.stringify(rows.map((row) => [row]))],
    ["blank lines between, and a comma behind", `\r\n\n${rows.map((row) => `${JSON.stringify(row)},\n \n`).join("")}`],
    ["two CSV files in one", `${portal}\r\n\ufeff#TYPE x\r\n${portal}`],
    ["two CSV files of different columns in one", `${portal}\r\n\ufeff${table}`],
    ["two JSON files in one", `\ufeff${graph}\n\ufeff${graph}`],
    ["two lists in one", `\ufeff${JSON.stringify(rows)}\ufeff${JSON.stringify(rows)}`],
    ["the query API", JSON.stringify(queryAnswer(rows))],
    ["the results of a module", JSON.stringify({ Results: rows.map(tableCells), Error: null })],
    ["pages of the SDK", JSON.stringify(renamed({ value: rows, count: 2 }, capitalized))],
  ])("%s", async (_, content) => {
    const { reading, history } = await read(await temporaryFile("export", content));
    expect(reading.unreadable.places).toEqual([]);
    expect(reading.records % 2).toBe(0);
    expect(judgeEnds(history, () => false)).toMatchObject([
      { end: { reason: "expired", principalId: JANE, at: Date.parse("2026-03-01T10:00:00.945Z") } },
    ]);
  });
});
