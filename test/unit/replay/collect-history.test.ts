import { describe, expect, test } from "vitest";
import { createHistoryCollector, isOfInterest } from "../../../shared/replay/collect-history.ts";
import { auditActivities } from "../../../shared/signals/audit-activities.ts";
import { directoryRoleRow, JANE, pimRoleRow, USER_ADMIN } from "../../fixtures/audit/audit-rows.ts";
import { activationRow, historyOf, recordOf, userRow } from "../../fixtures/audit/history-of.ts";

test("a record that cannot change a verdict is not of interest", () => {
  const names = Object.keys(auditActivities).filter((name) => !isOfInterest(name));
  expect(names).toContain("Update user");
  expect(names).toContain("PIM activation request expired");
  for (const name of names) {
    const history = historyOf(
      pimRoleRow({ activityDisplayName: name }),
      directoryRoleRow({ activityDisplayName: name }),
    );
    expect(history).toMatchObject({ ends: [], unclear: 0, activations: new Map() });
    expect([...history.cuts.values()].every((users) => users.size === 0)).toBe(true);
  }
  expect(isOfInterest("Update device")).toBe(false);
});

test("only records of ends are worth keeping their names", () => {
  const collector = createHistoryCollector();
  expect(collector.take(recordOf(directoryRoleRow()))).toBe(true);
  expect(collector.take(recordOf(activationRow("2026-03-01T09:00:00Z")))).toBe(false);
  expect(collector.take(recordOf(userRow("Reset password", "2026-03-01T09:00:00Z")))).toBe(false);
});

test("completed activations are kept by who holds what", () => {
  const { activations } = historyOf(activationRow("2026-03-01T09:00:00Z"), activationRow("2026-03-01T08:00:00Z"));
  expect([...activations]).toEqual([
    [`${JANE} ${USER_ADMIN}`, ["09", "08"].map((h) => Date.parse(`2026-03-01T${h}:00:00Z`))],
  ]);
});

test("a row of an end without exactly one holder and one privilege is counted", () => {
  expect(historyOf(directoryRoleRow({ targetResources: [] }))).toMatchObject({ ends: [], unclear: 1 });
});

describe("the period", () => {
  test("goes from the first to the last day, whatever the order and the interest", () => {
    const collector = createHistoryCollector();
    collector.see("2026-03-05T23:59:59Z");
    collector.take(recordOf(directoryRoleRow({ activityDateTime: "2026-03-01T10:00:00Z" })));
    collector.see("2026-03-03 10:00:00");
    expect(collector.history()).toMatchObject({ firstDay: "2026-03-01", lastDay: "2026-03-05" });
  });

  test("is unknown without a date", () => {
    const collector = createHistoryCollector();
    collector.see("yesterday");
    collector.see(undefined);
    expect(collector.history()).toMatchObject({ firstDay: null, lastDay: null });
  });
});
