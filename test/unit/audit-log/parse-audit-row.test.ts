import { describe, expect, it } from "vitest";
import { parseAuditRow, parseAuditRows } from "../../../shared/audit-log/parse.ts";
import { directoryRoleRow, JANE, pimRoleRow, USER_ADMIN } from "../../fixtures/audit/audit-rows.ts";
import documented from "../../fixtures/audit/documented-page.json" with { type: "json" };

describe("parseAuditRow", () => {
  it("reads a row of Core Directory", () => {
    expect(parseAuditRow(directoryRoleRow())).toEqual({
      record: {
        id: "Directory_5d5d5d5d-0005-4abc-8def-0123456789ab_AAAAA_1001",
        tenantId: null,
        activity: "Remove member from role",
        occurredAt: "2026-03-01T10:00:00.9455924Z",
        result: "success",
        service: "Core Directory",
        category: "RoleManagement",
        initiatorId: null,
        targets: [
          {
            id: JANE,
            type: "user",
            properties: [
              { name: "Role.ObjectID", oldValue: "0b0b0b0b-000c-4abc-8def-0123456789ab", newValue: null },
              { name: "Role.DisplayName", oldValue: "User Administrator", newValue: null },
              { name: "Role.TemplateId", oldValue: USER_ADMIN, newValue: null },
            ],
          },
        ],
        details: [],
      },
    });
  });

  it("reads the documented sample: `Type` with a capital, a bare value, no operation type", () => {
    const { records, problems } = parseAuditRows(documented.value);
    expect(problems).toEqual([]);
    expect(records[0]?.targets).toEqual([
      {
        id: "9a9a9a9a-0009-4abc-8def-0123456789ab",
        type: "group",
        properties: [{ name: "Action Client Name", oldValue: null, newValue: "DirectorySync" }],
      },
      { id: JANE, type: "user", properties: [] },
    ]);
    expect(records[0]?.details).toEqual([{ key: "Additional Detail Name", value: "Additional Detail Value" }]);
  });

  it("does without every field that no verdict needs", () => {
    const { id, activityDisplayName, activityDateTime } = pimRoleRow();
    for (const sparse of [
      { id, activityDisplayName, activityDateTime },
      {
        ...pimRoleRow(),
        result: null,
        loggedByService: null,
        category: null,
        targetResources: null,
        additionalDetails: null,
      },
    ]) {
      expect(parseAuditRow(sparse)).toMatchObject({
        record: { id, result: "", service: "", category: "", targets: [], details: [] },
      });
    }
    const bare = { ...pimRoleRow(), targetResources: [{}], additionalDetails: [{}], initiatedBy: "anybody" };
    expect(parseAuditRow(bare)).toMatchObject({
      record: {
        initiatorId: null,
        targets: [{ id: null, type: "", properties: [] }],
        details: [{ key: "", value: null }],
      },
    });
  });

  it.each([
    ["id", { id: "" }],
    ["activityDisplayName", { activityDisplayName: undefined }],
    ["activityDateTime", { activityDateTime: "jane.doe@contoso.example" }],
    ["targetResources.1", { targetResources: [{}, "jane.doe@contoso.example"] }],
    ["targetResources.0.id", { targetResources: [{ id: 7 }] }],
    ["targetResources.0.modifiedProperties", { targetResources: [{ modifiedProperties: "none" }] }],
    ["additionalDetails.0.key", { additionalDetails: [{ key: {} }] }],
  ])("says that %s is wrong, and never shows its value", (place, changes) => {
    expect(parseAuditRow(directoryRoleRow(changes))).toEqual({ place });
  });

  it.each([null, undefined, 7, "text", [], [[]]])("says that %j is no record", (junk) => {
    expect(parseAuditRow(junk)).toEqual({ place: expect.stringMatching(/^(record|id)$/) });
  });
});

describe("parseAuditRows", () => {
  it("reads the rows around a broken one", () => {
    const { records, problems } = parseAuditRows([directoryRoleRow(), { id: "x" }, null, pimRoleRow()]);
    expect(records.map(({ service }) => service)).toEqual(["Core Directory", "PIM"]);
    expect(problems).toEqual([
      { position: "rows[1]", place: "activityDisplayName" },
      { position: "rows[2]", place: "record" },
    ]);
  });
});
