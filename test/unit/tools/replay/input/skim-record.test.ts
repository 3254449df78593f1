import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auditActivities } from "../../../../../shared/base/audit-activities.ts";
import { readAudit } from "../../../../../tools/replay/input/read-audit.ts";
import { skimRecord } from "../../../../../tools/replay/input/skim-record.ts";
import { directoryRoleRow, streamed } from "../../../../fixtures/audit/audit-rows.ts";

const skim = (value: unknown, space?: number) => skimRecord(Buffer.from(JSON.stringify(value, null, space)));
const other = directoryRoleRow({ activityDisplayName: "Update device" });
const passed = { as: "otherActivity", at: other.activityDateTime };

test.each([
  ["a row of Graph", other],
  ["the stream", streamed(other)],
])("%s that is of no interest is recognised without parsing it, on one line or on many", (_, value) => {
  expect(skim(value)).toEqual(passed);
  expect(skim(value, 2)).toEqual(passed);
});

describe("everything else is read", () => {
  test.each([
    ["an end", directoryRoleRow()],
    ["no name", { id: "x" }],
    ["an empty name", directoryRoleRow({ activityDisplayName: "" })],
    ["a name that is no text", directoryRoleRow({ activityDisplayName: 7 })],
    ["a name with an escape", directoryRoleRow({ activityDisplayName: 'Update "device"' })],
    ["keys in another case", { ActivityDisplayName: "Update device" }],
    ["a record of another log", streamed(other, { category: "ProvisioningLogs" })],
    ["a wrapping that nobody knows, with an end in it", { audits: [other, directoryRoleRow()] }],
    ["a name in a text", directoryRoleRow({ resultReason: '"activityDisplayName":"Update device"' })],
  ])("%s", (_, value) => expect(skim(value)).toBeUndefined());

  test("a name twice", () => {
    const twice = '{"activityDisplayName":"Update device","activityDisplayName":"Remove member from role"}';
    expect(skimRecord(Buffer.from(twice))).toBeUndefined();
  });
});

test("a record that is recognised so would have had the same class when read", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('"activityDisplayName":"Update user"', '\\"', '"category":"AuditLogs"'),
  );
  const name = fc.oneof(fc.constantFrom(...Object.keys(auditActivities)), text);
  fc.assert(
    fc.property(
      name,
      text,
      fc.boolean(),
      fc.constantFrom("AuditLogs", "SignInLogs"),
      (activity, reason, isStreamed, category) => {
        const row = directoryRoleRow({ activityDisplayName: activity, resultReason: reason });
        const value = isStreamed ? streamed(row, { category }) : row;
        const recorded = skim(value);
        if (recorded) expect(readAudit(value, "")).toEqual({ kind: "passed", ...recorded });
      },
    ),
  );
});
