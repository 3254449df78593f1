import { expect, test } from "vitest";
import { readActivityFiles } from "../../../../../tools/replay/input/read-activity-files.ts";
import type { Call } from "../../../../../tools/replay/input/read-call.ts";
import { directoryRoleRow } from "../../../../fixtures/audit/audit-rows.ts";
import { ONE_WEEK_OF_CALLS } from "../../../../fixtures/audit/one-week.ts";
import { temporaryFile } from "../../../../fixtures/temporary-file.ts";

test("users' calls are handed over, those of apps counted, the others reported by their place", async () => {
  const broken = await temporaryFile(
    "broken.jsonl",
    '{"RequestUri":"x","UserId":"Jane"}\n{"RequestUri":"x","UserId":""}\n',
  );
  const calls: Call[] = [];
  const { read, refused } = await readActivityFiles(
    [ONE_WEEK_OF_CALLS, broken],
    (call) => calls.push(call),
    () => {},
  );
  expect(calls).toHaveLength(7);
  expect(refused).toEqual([]);
  expect(read).toEqual({
    files: [ONE_WEEK_OF_CALLS, broken],
    calls: 7,
    others: 2,
    unreadable: {
      count: 1,
      reporting: 0,
      places: [{ file: broken, position: "line 1, record 1", problem: "UserId is missing or not what it should be" }],
    },
  });
});

test("an audit log is no export of calls, and the others stand", async () => {
  const file = await temporaryFile("audit.json", JSON.stringify([directoryRoleRow()]));
  const { read, refused } = await readActivityFiles(
    [file, ONE_WEEK_OF_CALLS],
    () => {},
    () => {},
  );
  expect(refused).toMatchObject([{ file, code: "notAnExport" }]);
  expect(read).toMatchObject({ calls: 7, unreadable: { count: 0 } });
});
