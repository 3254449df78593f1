import { expect, test } from "vitest";
import { replay } from "../../../../tools/replay/replay.ts";
import { temporaryFile } from "../../../fixtures/temporary-file.ts";
import { auditedTenant } from "../../tenant/audit/audit-fixture.ts";

// The simulated tenant is a second reading of the documents: what it writes must be what the replay reads.
test("the simulated tenant's own audit log replays with what happened there", async () => {
  const { activated, control, rows, pass } = await auditedTenant();
  const { endDateTime } = await activated(60);
  await pass(600_000);
  const { scheduleId } = await activated();
  await pass(400_000);
  await control.deactivate(scheduleId);
  await pass(60_000);

  const file = await temporaryFile("page.json", JSON.stringify({ value: await rows() }, null, 2));
  const { ends, read } = await replay([file], [], () => {});
  expect(ends.map(({ principal, privilege, reason, verdict }) => [principal, privilege, reason, verdict])).toEqual([
    ["jane@simulated.example", "User Administrator", "expired", "signOut"],
    ["jane@simulated.example", "User Administrator", "deactivated", "signOut"],
  ]);
  expect(Date.parse(ends[0]?.at ?? "") - Date.parse(endDateTime ?? "")).toBe(900);
  expect(read.counts.unclearEnd).toBe(0);
  expect(read.unreadable.count).toBe(0);
});
