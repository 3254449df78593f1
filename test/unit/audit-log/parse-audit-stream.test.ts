import { expect, test } from "vitest";
import { parseAuditRow, parseAuditStream } from "../../../shared/audit-log/parse.ts";
import { directoryRoleRow, pimRoleRow, streamed, TENANT } from "../../fixtures/audit/audit-rows.ts";
import reformatted from "../../fixtures/audit/reformatted-assignment.json" with { type: "json" };

const onlyRecord = (message: unknown) => {
  const { records, problems } = parseAuditStream([message]);
  expect(problems).toEqual([]);
  expect(records).toHaveLength(1);
  return records[0];
};

test("reads all records of all envelopes, and the tenant", () => {
  const messages = [
    { records: [streamed(directoryRoleRow()), streamed(pimRoleRow())] },
    { records: [] },
    JSON.stringify({ records: [streamed(pimRoleRow())] }),
    streamed(directoryRoleRow()),
  ];
  const { records, problems, otherLogs } = parseAuditStream(messages);
  expect(records.map(({ service }) => service)).toEqual(["Core Directory", "PIM", "PIM", "Core Directory"]);
  expect(new Set(records.map(({ tenantId }) => tenantId))).toEqual(new Set([TENANT]));
  expect([problems, otherLogs]).toEqual([[], 0]);
});

test("reads the same from the stream as from Graph", () => {
  const row = pimRoleRow();
  expect({ record: { ...onlyRecord({ records: [streamed(row)] }), tenantId: null } }).toEqual(parseAuditRow(row));
});

test.each([
  ["a duration in text", { durationMs: "0" }],
  ["a level in words", { Level: undefined, level: "Informational" }],
  ["no caller", { callerIpAddress: undefined, identity: undefined, resultDescription: undefined }],
  ["no log category", { category: undefined }],
  ["the tenant in the resource only", { tenantId: undefined }],
  [
    "the tenant in capitals",
    { tenantId: null, resourceId: `/TENANTS/${TENANT.toUpperCase()}/PROVIDERS/MICROSOFT.AADIAM` },
  ],
])("reads a record with %s", (_, changes) => {
  expect(onlyRecord({ records: [streamed(directoryRoleRow(), changes)] })).toMatchObject({ tenantId: TENANT });
});

test.each([{ app: { displayName: "MS-PIM" } }, { user: { id: "x" } }, { user: null, app: null }, null, undefined])(
  "accepts any initiator: %j",
  (initiatedBy) => {
    const record = onlyRecord({ records: [streamed(directoryRoleRow({ initiatedBy }))] });
    expect({ record: { ...record, tenantId: null } }).toEqual(parseAuditRow(directoryRoleRow()));
  },
);

test("takes name and time from the envelope when the audit has none", () => {
  const { activityDisplayName, activityDateTime, ...rest } = directoryRoleRow();
  const outer = { operationName: activityDisplayName, time: activityDateTime };
  expect(onlyRecord(streamed(rest, outer))).toMatchObject({
    activity: activityDisplayName,
    occurredAt: activityDateTime,
  });
});

test("reads a record that a pipeline reformatted, ids of any form", () => {
  expect(onlyRecord(reformatted)).toMatchObject({
    id: "PIM_7001",
    tenantId: "70019",
    occurredAt: "2026-03-01T16:32:16.087554Z",
    activity: "Add member to role in PIM completed (permanent)",
  });
});

test("says null when no tenant is named", () => {
  const unknown = { tenantId: "", resourceId: "/subscriptions/x" };
  expect(onlyRecord(streamed(directoryRoleRow(), unknown))?.tenantId).toBeNull();
});

test("passes over other logs in the same event hub", () => {
  const signIn = { category: "SignInLogs", properties: {} };
  expect(parseAuditStream([{ records: [signIn, signIn] }])).toEqual({ records: [], problems: [], otherLogs: 2 });
});

test("reads what stands around broken records, and says where they stood", () => {
  const broken = streamed(directoryRoleRow({ activityDateTime: "jane.doe@contoso.example" }), { time: undefined });
  const messages = [
    "not JSON: jane.doe@contoso.example",
    { records: [streamed(directoryRoleRow()), broken, { category: "AuditLogs" }, null] },
    { records: "none" },
    null,
    { records: [streamed(pimRoleRow({ targetResources: [{ id: {} }] })), streamed(pimRoleRow())] },
  ];
  const { records, problems } = parseAuditStream(messages);
  expect(records.map(({ service }) => service)).toEqual(["Core Directory", "PIM"]);
  expect(problems).toEqual([
    { position: "messages[0]", place: "record" },
    { position: "messages[1].records[1]", place: "properties.activityDateTime" },
    { position: "messages[1].records[2]", place: "properties" },
    { position: "messages[1].records[3]", place: "record" },
    { position: "messages[2]", place: "properties" },
    { position: "messages[3]", place: "record" },
    { position: "messages[4].records[0]", place: "properties.targetResources.0.id" },
  ]);
});
