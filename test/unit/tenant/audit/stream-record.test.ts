import { expect, test } from "vitest";
import { auditTarget } from "../../../../local/tenant/audit/audit-row.ts";
import { administrator, msPim } from "../../../../local/tenant/audit/parties.ts";
import { streamRecord } from "../../../../local/tenant/audit/stream-record.ts";
import { createRandom } from "../../../../local/tenant/random.ts";

const row = {
  id: "Directory_1",
  category: "RoleManagement",
  correlationId: "c",
  result: "success",
  resultReason: "",
  activityDisplayName: "Remove member from role",
  activityDateTime: "2026-03-01T10:00:00.9000000Z",
  loggedByService: "Core Directory",
  operationType: "Unassign",
  initiatedBy: msPim,
  targetResources: [auditTarget("User", "u")],
  additionalDetails: [],
} as const;

test("wraps a row as the diagnostic setting does", () => {
  const random = createRandom(1);
  for (let turn = 0; turn < 20; turn += 1) {
    expect(streamRecord(row, "t", random)).toMatchObject({
      time: row.activityDateTime,
      resourceId: "/tenants/t/providers/Microsoft.aadiam",
      operationName: row.activityDisplayName,
      category: "AuditLogs",
      correlationId: "c",
      properties: {
        id: row.id,
        category: "RoleManagement",
        initiatedBy: { app: msPim.app },
        targetResources: [{ id: "u", type: "User", administrativeUnits: [] }],
      },
    });
  }
});

test("differs in what differs between published records", () => {
  const random = createRandom(1);
  const records = Array.from({ length: 50 }, () => JSON.stringify(streamRecord(row, "t", random)));
  for (const part of ['"tenantId":"t"', '"durationMs":"0"', '"durationMs":0', '"Level":4', '"level":"Inf', "+00:00"]) {
    const share = records.filter((record) => record.includes(part)).length;
    expect(share).toBeGreaterThan(10);
    expect(share).toBeLessThan(40);
  }
});

test("names only the one who initiated it", () => {
  const record = streamRecord({ ...row, initiatedBy: administrator }, "t", createRandom(1));
  expect(record).toMatchObject({ properties: { initiatedBy: { user: administrator.user } } });
  expect(JSON.stringify(record)).not.toContain('"app"');
});
