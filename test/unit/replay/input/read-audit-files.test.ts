import { describe, expect, test } from "vitest";
import { readAuditFiles } from "../../../../shared/replay/input/read-audit-files.ts";
import { directoryRoleRow, pimRoleRow, streamed } from "../../../fixtures/audit/audit-rows.ts";
import { temporaryFile } from "../../../fixtures/temporary-file.ts";

const read = (...files: readonly string[]) => readAuditFiles(files, () => {});
const lines = (...rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

test("every record is counted as one thing, and what is unreadable told by its place", async () => {
  const other = { activityDisplayName: "Update device", activityDateTime: "2026-03-02T10:00:00Z" };
  const signIn = streamed(directoryRoleRow(), { category: "SignInLogs" });
  const file = await temporaryFile("a.jsonl", `${lines(directoryRoleRow(), other, signIn, { id: 1 })}\nnothing`);
  const { reading, history } = await read(file);
  expect(reading).toEqual({
    files: [file],
    records: 5,
    otherActivities: 1,
    otherLogs: 1,
    unreadable: {
      count: 2,
      places: [
        { file, position: "line 4, record 4", problem: "id is missing or not what it should be" },
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

describe("no export of the directory audit log", () => {
  test.each([
    ["text", "hello\nworld\n"],
    ["nothing", ""],
    ["an image", new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])],
    ["another JSON", '{"name":"x"}'],
    ["another log", lines(streamed(directoryRoleRow(), { category: "MicrosoftGraphActivityLogs" }))],
  ])("%s", async (_, content) => {
    const file = await temporaryFile("a.json", content);
    await expect(read(file)).rejects.toMatchObject({
      code: "notAnExport",
      message: expect.stringContaining("--activity"),
    });
  });

  test("beside one that is", async () => {
    const good = await temporaryFile("good.json", lines(directoryRoleRow()));
    const bad = await temporaryFile("bad.json", "hello");
    await expect(read(good, bad)).rejects.toMatchObject({ code: "notAnExport", message: expect.stringContaining(bad) });
  });
});
