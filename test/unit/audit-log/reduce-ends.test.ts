import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { PrivilegeEnd, RoleEnd } from "../../../shared/audit-log/classify.ts";
import { REPORTED_TWICE_WITHIN, reduceEnds } from "../../../shared/audit-log/reduce-ends.ts";
import { ADMINS, BOSS, JANE, SCHEDULE, USER_ADMIN } from "../../fixtures/audit/audit-rows.ts";

const NOON = Date.UTC(2026, 2, 1, 12);
const end = (reportedBy: "directory" | "pim", seconds: number, changes: Partial<RoleEnd> = {}): RoleEnd => ({
  kind: "roleEnd",
  reportedBy,
  reason: reportedBy === "pim" ? "expired" : "unknown",
  at: NOON + seconds * 1000,
  principalId: JANE,
  principalType: "user",
  roleDefinitionId: USER_ADMIN,
  scheduleId: reportedBy === "pim" ? SCHEDULE : null,
  rowIds: [`${reportedBy}${seconds}`],
  ...changes,
});
const groupEnd = (
  reportedBy: "directory" | "pim",
  seconds: number,
  accessId: "member" | "owner" | null,
): PrivilegeEnd => {
  const { roleDefinitionId: _, ...rest } = end(reportedBy, seconds, { scheduleId: null });
  return { ...rest, kind: "groupEnd", groupId: ADMINS, accessId };
};

const [directory, pim] = [end("directory", 0), end("pim", 6)];
const joined = { ...directory, reason: "expired", scheduleId: SCHEDULE };

test.each([
  ["in order", [directory, pim]],
  ["out of order", [pim, directory]],
])("two rows of one end are one, with the directory's moment and PIM's reason: %s", (_, rows) => {
  expect(reduceEnds(rows)).toEqual([{ ...joined, rowIds: ["directory0", "pim6"] }]);
});

test("takes the directory's moment also when it is the later one", () => {
  const late = end("directory", 9);
  const rowIds = ["pim6", "directory9"];
  expect(reduceEnds([late, pim])).toEqual([{ ...late, reason: "expired", scheduleId: SCHEDULE, rowIds }]);
});

test("joins what one change wrote several times", () => {
  const rows = [directory, { ...directory, rowIds: ["again"] }, pim, { ...pim, rowIds: ["pimAgain"] }];
  expect(reduceEnds(rows)).toEqual([{ ...joined, rowIds: ["directory0", "again", "pim6", "pimAgain"] }]);
});

test.each([
  ["two minutes and more apart", [directory, end("pim", 121)]],
  ["of two principals", [directory, end("pim", 6, { principalId: BOSS })]],
  ["of two roles", [directory, end("pim", 6, { roleDefinitionId: BOSS })]],
  ["of two schedules", [pim, end("pim", 30, { scheduleId: BOSS })]],
  ["removed twice", [directory, end("directory", 1)]],
  ["of a member and an owner", [groupEnd("directory", 0, "member"), groupEnd("directory", 0, "owner")]],
])("keeps apart what is %s", (_, rows) => {
  expect(reduceEnds(rows)).toEqual(rows);
});

test("gives each of two removals its own reason", () => {
  const again = end("pim", 46, { scheduleId: BOSS, reason: "removed" });
  const reduced = reduceEnds([again, end("directory", 40), pim, directory]);
  expect(reduced.map(({ at, reason, rowIds }) => [(at - NOON) / 1000, reason, rowIds])).toEqual([
    [0, "expired", ["directory0", "pim6"]],
    [40, "removed", ["directory40", "pim46"]],
  ]);
});

test("learns from the directory what was held of the group", () => {
  expect(reduceEnds([groupEnd("pim", 6, null), groupEnd("directory", 0, "owner")])).toMatchObject([
    { kind: "groupEnd", accessId: "owner", reason: "expired" },
  ]);
});

test("loses no row, and has nothing left to join afterwards", () => {
  const someEnd = fc
    .record({
      reportedBy: fc.constantFrom("directory" as const, "pim" as const),
      seconds: fc.integer({ min: 0, max: 300 }),
      principalId: fc.constantFrom(JANE, BOSS),
      scheduleId: fc.constantFrom(null, SCHEDULE, BOSS),
    })
    .map(({ reportedBy, seconds, ...changes }) => end(reportedBy, seconds, changes));
  const rowsOf = (ends: readonly PrivilegeEnd[]) => new Set(ends.flatMap(({ rowIds }) => rowIds));
  const judged = fc.property(fc.array(someEnd, { maxLength: 8 }), (ends) => {
    const reduced = reduceEnds(ends);
    expect(rowsOf(reduced)).toEqual(rowsOf(ends));
    expect(reduced.map(({ at }) => at)).toEqual(reduced.map(({ at }) => at).toSorted((a, b) => a - b));
    // No moment at which the directory lost a role may vanish: a revocation before it would not satisfy it.
    const removals = ends.filter(({ reportedBy }) => reportedBy === "directory");
    for (const { at, principalId } of removals) {
      expect(reduced.some((other) => other.principalId === principalId && other.at >= at)).toBe(true);
    }
  });
  fc.assert(judged, { numRuns: 2_000, seed: 6 });
});

/** What `reduceEnds` must give, by looking at all ends before. */
function reduceSlowly(rows: readonly PrivilegeEnd[]) {
  const accessOf = (end: PrivilegeEnd) => (end.kind === "groupEnd" ? end.accessId : null);
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  const second = ({ at }: PrivilegeEnd) => Math.floor(at / 1000);
  const ends: { by: string; at: number; scheduleId: string | null; access: string | null; rowIds: string[] }[] = [];
  for (const row of rows.toSorted((a, b) => a.at - b.at)) {
    const { at, reportedBy: by, scheduleId, rowIds } = row;
    const access = accessOf(row);
    const one = ends.findLast(
      (end) =>
        at - end.at <= REPORTED_TWICE_WITHIN &&
        !differ(end.scheduleId, scheduleId) &&
        !differ(end.access, access) &&
        !(end.by === "directory" && by === "directory" && Math.floor(end.at / 1000) !== second(row)),
    );
    if (one === undefined) ends.push({ by, at, scheduleId, access, rowIds: [...rowIds] });
    else {
      if (one.by === "pim" && by === "directory") Object.assign(one, { by, at });
      one.scheduleId ??= scheduleId;
      one.access ??= access;
      one.rowIds.push(...rowIds);
    }
  }
  return ends.toSorted((a, b) => a.at - b.at).map(({ at, scheduleId, rowIds }) => ({ at, scheduleId, rowIds }));
}

test("joins each row to the last end that it may report as well", () => {
  const someRow = fc.record({
    reportedBy: fc.constantFrom("directory" as const, "pim" as const),
    seconds: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 300 })),
    access: fc.constantFrom(null, "member" as const, "owner" as const),
    scheduleId: fc.constantFrom(null, "a", "b", "c"),
  });
  fc.assert(
    fc.property(fc.array(someRow, { maxLength: 14 }), (some) => {
      const rows = some.map(({ reportedBy, seconds, access, scheduleId }, n) => ({
        ...groupEnd(reportedBy, seconds, access),
        scheduleId,
        rowIds: [`${n}`],
      }));
      expect(reduceEnds(rows).map(({ at, scheduleId, rowIds }) => ({ at, scheduleId, rowIds }))).toEqual(
        reduceSlowly(rows),
      );
    }),
    { numRuns: 3_000 },
  );
});

/** How often the times of so many rows of one privilege are read, and how many ids are copied, while the rows are reduced. */
function workOn(rows: number, over: (n: number) => Partial<RoleEnd> & { readonly at: number }): number {
  let reads = 0;
  const counted = Array.from({ length: rows }, (_, n): RoleEnd => {
    const { at, ...changes } = over(n);
    const row = end("directory", 0, { rowIds: [`row-${n}`], ...changes });
    const get = () => {
      reads += 1;
      return at;
    };
    return Object.defineProperty({ ...row }, "at", { get, enumerable: true });
  });
  const copies = vi.spyOn(Set.prototype, "add");
  try {
    reduceEnds(counted);
    return reads + copies.mock.calls.length;
  } finally {
    copies.mockRestore();
  }
}

const ofPim = (n: number) => ({ reportedBy: "pim" as const, scheduleId: `schedule ${n}` });

test.each([
  { name: "ends of one privilege, far apart", over: (n: number) => ({ at: NOON + n * 600_000 }) },
  { name: "ends of one privilege, two minutes apart", over: (n: number) => ({ at: NOON + n * 121_000 }) },
  { name: "rows of one end", over: () => ({ at: NOON }) },
  { name: "schedules of one privilege in one second", over: (n: number) => ({ ...ofPim(n), at: NOON }) },
  {
    name: "schedules of one privilege within two minutes",
    over: (n: number) => ({ ...ofPim(n), at: NOON + n * 24 }),
  },
  {
    name: "schedules of one privilege within two minutes, each with the directory's own row",
    over: (n: number) => ({ ...(n % 2 === 0 ? ofPim(n) : {}), at: NOON + n * 24 }),
  },
])("ten times as many rows cost at most fifteen times the work: $name", ({ over }) => {
  expect(workOn(5000, over)).toBeLessThan(15 * workOn(500, over));
});
