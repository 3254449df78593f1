import { expect, it } from "vitest";
import { parseAuditRows } from "../../../shared/audit-log/parse.ts";
import { createAuditMemory } from "../../../shared/audit-log/take-in.ts";
import { directoryRoleRow, JANE, pimRoleRow, target } from "../../fixtures/audit/audit-rows.ts";

const records = (...rows: unknown[]) => parseAuditRows(rows).records;

it("reports an end anew until it was taken in", () => {
  const memory = createAuditMemory(new Set(), 600_000);
  const rows = records(directoryRoleRow());
  expect(memory.news(rows).news.ends).toHaveLength(1);
  const { news, remember } = memory.news(rows);
  expect(news.ends).toHaveLength(1);
  remember();
  expect(memory.news(rows).news.ends).toEqual([]);
});

it("forgets rows that are older than it keeps", () => {
  const memory = createAuditMemory(new Set(), 600_000);
  memory.news(records(directoryRoleRow({ id: "old" }))).remember();
  memory.news(records(directoryRoleRow({ id: "new", activityDateTime: "2026-03-01T10:10:01Z" }))).remember(["broken"]);
  expect(["old", "new", "broken", 7].map((id) => memory.knows(id))).toEqual([false, true, true, false]);
});

it("gives a pass to a completed activation and an unclear end, and none to a request", () => {
  const memory = createAuditMemory(new Set(), 600_000);
  const activation = (stage: string) =>
    pimRoleRow({ id: stage, activityDisplayName: `Add member to role ${stage} (PIM activation)` });
  expect([...memory.news(records(activation("completed"))).news.hints]).toEqual([JANE]);
  expect([...memory.news(records(activation("requested"))).news.hints]).toEqual([]);
  const unclear = directoryRoleRow({ targetResources: [target("User", JANE)] });
  expect([...memory.news(records(unclear)).news.hints]).toEqual([JANE]);
});
