import { expect, test } from "vitest";
import { textReport } from "../../../../tools/replay/output/text-report.ts";
import { replay } from "../../../../tools/replay/replay.ts";
import { temporaryFile } from "../../../fixtures/temporary-file.ts";
import { auditedTenant } from "../../tenant/audit/audit-fixture.ts";
import { globalAdministrator } from "../../tenant/fixture.ts";

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

test("counts the Global Administrators whom a sign-out leaves in charge of Azure", async () => {
  const { control, rows, pass } = await auditedTenant();
  const loses = async (name: string, ...steps: readonly ("elevateAccess" | "removeElevation")[]) => {
    const { id: principalId } = await control.createUser({ name });
    const { scheduleId } = await control.assign({ principalId, roleDefinitionId: globalAdministrator });
    for (const step of steps) {
      await pass(200_000);
      await control[step](principalId);
    }
    await pass(400_000);
    await control.remove(scheduleId);
  };
  await loses("jane", "elevateAccess");
  await loses("omar", "elevateAccess", "removeElevation");
  await loses("mia", "elevateAccess", "removeElevation", "elevateAccess");
  await loses("olu");
  await pass(60_000);
  const file = await temporaryFile("elevated.json", JSON.stringify({ value: await rows() }, null, 2));
  const report = await replay([file], [], () => {});
  expect(report.totals).toMatchObject({ ends: 4, elevatedEnds: 2 });
  expect(report.read.counts.elevation).toBe(6);
  expect(textReport(report, (heading) => heading)).toContain("2 ends of Global Administrators who had elevated");
});
