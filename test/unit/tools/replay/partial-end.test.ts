import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PrivilegeEnd, RoleEnd } from "../../../../shared/audit-log/classify.ts";
import { createHistoryCollector } from "../../../../tools/replay/collect-history.ts";
import type { PartialEnd } from "../../../../tools/replay/history.ts";
import { readAudit } from "../../../../tools/replay/input/read-audit.ts";
import { judgeEnds } from "../../../../tools/replay/judge-ends.ts";
import { completeEnds } from "../../../../tools/replay/partial-end.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimGroupRow,
  pimRoleRow,
  SCHEDULE,
  TENANT,
  target,
} from "../../../fixtures/audit/audit-rows.ts";
import { portalCells, type Row } from "../../../fixtures/audit/portal-cells.ts";

const OTHER = "0a0a0a0a-0001-4abc-8def-0123456789ab";
const removalOf = (id: string, changes = {}) =>
  directoryRoleRow({
    id: `Directory_${id}`,
    targetResources: [{ ...directoryRoleRow().targetResources[0], id }],
    ...changes,
  });
const directory = (...ids: readonly string[]) => ids.map((id) => removalOf(id));
const [role] = pimRoleRow().targetResources.filter(({ type }) => type === "Role");
/** PIM's rows as the portal's CSV has them: the person is the fourth target, and cut off. */
const cutRole = (changes = {}) =>
  pimRoleRow({
    ...changes,
    targetResources: [role, target("Request", SCHEDULE), target("Directory", TENANT), target("User", JANE)],
  });
const cutGroup = (...kept: readonly ReturnType<typeof target>[]) =>
  pimGroupRow({
    targetResources: [
      ...kept,
      target("Request", SCHEDULE),
      target("Directory", TENANT),
      target("Other", null),
      target("Other", null),
    ].slice(0, 3),
  });

function judge(...rows: readonly Row[]) {
  const collector = createHistoryCollector();
  const classes = rows.map((row, n) => {
    const reading = readAudit(portalCells(row), `line ${n}`);
    return reading.kind === "record" ? collector.take(reading.record, reading.gap) : reading.kind;
  });
  const ends = judgeEnds(collector.history(), () => false).map(({ end, verdict }) => [
    end.principalId,
    end.reason,
    verdict,
  ]);
  return { classes, ends };
}

describe("a row of PIM that the portal's CSV has cut", () => {
  test("gives its reason to the only end it can mean, in any order", () => {
    const ends = [[JANE, "expired", "signOut"]];
    expect(judge(...directory(JANE), cutRole())).toEqual({ classes: ["end", "cutOffEnd"], ends });
    expect(judge(cutRole(), ...directory(JANE)).ends).toEqual(ends);
  });

  test("of two that it may mean it gives it to neither", () => {
    expect(judge(...directory(JANE, OTHER), cutRole()).ends).toEqual([
      [JANE, "unknown", "signOut"],
      [OTHER, "unknown", "signOut"],
    ]);
  });

  test("but two rows of one reason mean two ends", () => {
    expect(judge(...directory(JANE, OTHER), cutRole(), cutRole()).ends).toEqual([
      [JANE, "expired", "signOut"],
      [OTHER, "expired", "signOut"],
    ]);
    const deactivated = cutRole({ activityDisplayName: "Remove member from role completed (PIM deactivate)" });
    expect(judge(...directory(JANE, OTHER), cutRole(), deactivated).ends.map(([, reason]) => reason)).toEqual([
      "unknown",
      "unknown",
    ]);
  });

  test.each([
    ["of another time", cutRole({ activityDateTime: "2026-03-01T10:02:01.945Z" })],
    ["of another category", cutRole({ category: "ResourceManagement" })],
  ])("%s means none", (_, row) => expect(judge(...directory(JANE), row).ends).toEqual([[JANE, "unknown", "signOut"]]));

  test.each([
    ["the person alone", [target("User", JANE)]],
    ["the group alone", [target("Group", ADMINS)]],
    ["neither", []],
  ])("of PIM for Groups with %s left makes the removal an end", (_, kept) => {
    expect(judge(directoryGroupRow(), cutGroup(...kept)).ends).toEqual([[JANE, "expired", "signOut"]]);
  });

  test("of PIM for Groups that may mean either of two removals: neither is called ordinary", () => {
    const other = directoryGroupRow({ id: "x", targetResources: [target("Group", BOSS), target("User", OTHER)] });
    expect(judge(directoryGroupRow(), other, cutGroup()).ends.map(([, , verdict]) => verdict)).toEqual([
      "unsureGroup",
      "unsureGroup",
    ]);
  });

  test("with everything that counts among the three is whole", () => {
    const row = pimRoleRow({
      targetResources: [role, target("User", JANE), target("Request", SCHEDULE), target("Other", null)],
    });
    expect(judge(row)).toEqual({ classes: ["end"], ends: [[JANE, "expired", "signOut"]] });
  });
});

test("never more reasons than rows of PIM, and never a reason for an end that none can mean", () => {
  const people = fc.array(fc.constantFrom(JANE, OTHER, BOSS), { maxLength: 6 });
  fc.assert(
    fc.property(people, fc.array(fc.nat(300), { maxLength: 6 }), (removed, seconds) => {
      const at = (seconds: number) => ({
        activityDateTime: new Date(Date.UTC(2026, 2, 1, 10) + seconds * 1000).toISOString(),
      });
      const removals = removed.map((id, n) => removalOf(id, { id: `row ${n}`, ...at(n * 40) }));
      const rows = seconds.map((second) => cutRole(at(second)));
      const { ends } = judge(...removals, ...rows);
      const recorded = ends.filter(([, reason]) => reason !== "unknown");
      expect(recorded.length).toBeLessThanOrEqual(rows.length);
      expect(ends).toHaveLength(removed.length);
    }),
  );
});

const bareEnd = (n: number, at: number, changes: Partial<RoleEnd> = {}): RoleEnd => ({
  kind: "roleEnd",
  reportedBy: "directory",
  reason: "unknown",
  at,
  principalId: JANE,
  principalType: "user",
  roleDefinitionId: OTHER,
  scheduleId: null,
  rowIds: [`end-${n}`],
  ...changes,
});
const bareRow = (n: number, at: number, changes: Partial<PartialEnd> = {}): PartialEnd => ({
  lacks: "targets",
  plane: "role",
  reason: "expired",
  at,
  principalIds: [],
  privilegeIds: [],
  rowId: `row-${n}`,
  ...changes,
});

/** How often the times of so many ends are read while as many rows complete them. */
function timesRead(count: number, endOf: (n: number) => PrivilegeEnd, rowOf: (n: number) => PartialEnd): number {
  let reads = 0;
  const ends = Array.from({ length: count }, (_, n): PrivilegeEnd => {
    const { at, ...end } = endOf(n);
    const get = () => {
      reads += 1;
      return at;
    };
    return Object.defineProperty({ ...end, at }, "at", { get, enumerable: true });
  });
  const rows = ends.map((_, n) => rowOf(n));
  const { ends: completed, left } = completeEnds(ends, rows);
  expect(left).toEqual([]);
  expect(completed.every(({ reason }, n) => reason === "expired" && rows[n]?.rowId === completed[n]?.rowIds[1])).toBe(
    true,
  );
  return reads;
}

test.each<[string, (n: number) => PrivilegeEnd, (n: number) => PartialEnd]>([
  [
    "one after the other by rows that name nobody, each only once the row after it has",
    (n) => bareEnd(n, n * 20_000),
    (n) => bareRow(n, n * 20_000 + 25_000),
  ],
  [
    "in one second, of as many people, by rows without their category",
    (n) => bareEnd(n, 0, { principalId: `person-${n}` }),
    (n) => bareRow(n, 6000, { lacks: "category", plane: null, principalIds: [`person-${n}`], privilegeIds: [OTHER] }),
  ],
  [
    "in one second, of as many groups, by rows that name the group alone",
    (n) => {
      const { roleDefinitionId: _, ...end } = bareEnd(n, 0);
      return { ...end, kind: "groupEnd", groupId: `group-${n}`, accessId: "member" };
    },
    (n) => bareRow(n, 6000, { plane: "group", privilegeIds: [`group-${n}`] }),
  ],
  [
    "of one role within two minutes, of as many people, by rows that name the role alone",
    (n) => bareEnd(n, n, { principalId: `person-${n}` }),
    (n) => bareRow(n, n, { privilegeIds: [OTHER] }),
  ],
])("ten times as many ends that are completed cost at most fifteen times the work: %s", (_, endOf, rowOf) => {
  expect(timesRead(5000, endOf, rowOf)).toBeLessThan(15 * timesRead(500, endOf, rowOf));
});

test("rows of two reasons that may refer to the same ends leave all of these unsure, each looked at once", () => {
  const many = Array.from({ length: 3000 }, (_, n) => n);
  const reasons = ["expired", "deactivated"] as const;
  const { left, unsure } = completeEnds(
    many.map((n) => bareEnd(n, n, { principalId: `person-${n}` })),
    many.map((n) => bareRow(n, n, { privilegeIds: [OTHER], reason: reasons[n % 2] ?? "expired" })),
  );
  expect([left.length, unsure.size]).toEqual([3000, 3000]);
});
