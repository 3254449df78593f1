import { describe, expect, test } from "vitest";
import { auditActivities } from "../../../../shared/base/audit-activities.ts";
import { classOfName } from "../../../../tools/replay/class-of-name.ts";
import { createHistoryCollector } from "../../../../tools/replay/collect-history.ts";
import type { Gap } from "../../../../tools/replay/input/read-audit.ts";
import type { RecordClass } from "../../../../tools/replay/record-class.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimGroupRow,
  pimRoleRow,
  target,
  USER_ADMIN,
} from "../../../fixtures/audit/audit-rows.ts";
import { activationRow, historyOf, recordOf, userRow } from "../../../fixtures/audit/history-of.ts";

test("a record that cannot change a verdict is not of interest", () => {
  const names = Object.keys(auditActivities).filter((name) => classOfName(name) !== "read");
  expect(names).toContain("Update user");
  expect(names).toContain("PIM activation request expired");
  for (const name of names) {
    const history = historyOf(
      pimRoleRow({ activityDisplayName: name }),
      directoryRoleRow({ activityDisplayName: name }),
    );
    expect(history).toMatchObject({ ends: [], partialEnds: [], activations: new Map() });
    expect([...history.cuts.values()].every((users) => users.size === 0)).toBe(true);
  }
  expect(classOfName("Update device")).toBe("otherActivity");
});

const classOf = (row: unknown, gap: Gap | null = null) => createHistoryCollector().take(recordOf(row), gap);

test.each<[RecordClass, unknown]>([
  ["end", directoryRoleRow()],
  ["end", pimGroupRow()],
  ["activation", activationRow("2026-03-01T09:00:00Z")],
  ["sessionStop", userRow("Reset password", "2026-03-01T09:00:00Z")],
  ["notSuccessful", pimRoleRow({ result: "failure" })],
  ["notSuccessful", activationRow("2026-03-01T09:00:00Z", { result: "timeout" })],
  ["azureEnd", pimRoleRow({ category: "ResourceManagement" })],
  ["azureActivation", activationRow("2026-03-01T09:00:00Z", { category: "ResourceManagement" })],
  ["otherPlane", pimRoleRow({ category: "ApplicationManagement" })],
  ["otherPlane", directoryRoleRow({ loggedByService: "Access Reviews" })],
  ["unclearEnd", directoryRoleRow({ targetResources: [] })],
  ["deviceRemoval", directoryGroupRow({ targetResources: [target("Group", ADMINS), target("Device", BOSS)] })],
  ["nestedGroupRemoval", directoryGroupRow({ targetResources: [target("Group", ADMINS), target("Group", BOSS)] })],
])("%s", (expected, row) => expect(classOf(row)).toBe(expected));

test("a row that is read again is no second end, another one with its id is", () => {
  const collector = createHistoryCollector();
  const take = (changes = {}) => collector.take(recordOf(directoryRoleRow(changes)), null);
  expect([take(), take(), take({ activityDateTime: "2026-03-01T11:00:00Z" })]).toEqual(["end", "repeated", "end"]);
  expect(collector.history().ends).toHaveLength(2);
});

test("completed activations are kept by holder and role, in their order", () => {
  const { activations } = historyOf(activationRow("2026-03-01T09:00:00Z"), activationRow("2026-03-01T08:00:00Z"));
  expect([...activations]).toEqual([
    [`${JANE} ${USER_ADMIN}`, ["08", "09"].map((h) => Date.parse(`2026-03-01T${h}:00:00Z`))],
  ]);
});

test("a row of an end without exactly one holder and one privilege is counted", () => {
  expect(classOf(directoryRoleRow({ targetResources: [] }))).toBe("unclearEnd");
});

describe("the period", () => {
  test("goes from the first to the last day, whatever the order and the interest", () => {
    const collector = createHistoryCollector();
    collector.see("2026-03-05T23:59:59Z");
    collector.take(recordOf(directoryRoleRow({ activityDateTime: "2026-03-01T10:00:00Z" })), null);
    collector.see("2026-03-03 10:00:00");
    collector.see("2/27/2026, 10:00:00.000 AM");
    collector.see("/Date(1772704800000)/");
    expect(collector.history()).toMatchObject({ firstDay: "2026-02-27", lastDay: "2026-03-05" });
  });

  test("is unknown without a date", () => {
    const collector = createHistoryCollector();
    collector.see("yesterday");
    collector.see(undefined);
    expect(collector.history()).toMatchObject({ firstDay: null, lastDay: null });
  });
});
