import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { textReport } from "../../../tools/replay/output/text-report.ts";
import { replay } from "../../../tools/replay/replay.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../fixtures/audit/one-week.ts";

test("the documented excerpt is what the replay prints", async () => {
  const document = await readFile(new URL("../../../docs/replay.md", import.meta.url), "utf8");
  const excerpt = /```text\n(.*?)\n```/s.exec(document)?.[1] ?? "";
  const printed = textReport(await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {}), (heading) => heading).split("\n");
  const lines = excerpt.split("\n");
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
});
