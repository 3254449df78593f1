import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/timings.ts";
import { listedRows } from "../../../shared/model/privilege.ts";
import { findChanged } from "../../../shared/reconcile/resync.ts";
import { activation, jane } from "../../fixtures/fake-world.ts";
import { at, isoAt, permanent } from "../../fixtures/principal-builders.ts";

const listed = listedRows([activation()]);
const known = (wakeAt: number | null = null, rows: readonly string[] = listed) =>
  new Map([[jane, { listed: rows, wakeAt }]]);
const enqueued = (rows: Parameters<typeof findChanged>[0], heads: Parameters<typeof findChanged>[1], now = at(0)) =>
  findChanged(rows, heads, now, defaultTimings);

test.each([
  { name: "is new", rows: [activation()], heads: new Map() },
  { name: "has one row more", rows: [activation(), permanent()], heads: known() },
  {
    name: "has an activation that is listed as a group's",
    rows: [activation({ memberType: "Group" })],
    heads: new Map(),
  },
  { name: "has another end", rows: [activation({ endDateTime: isoAt(90) })], heads: known() },
  { name: "has another start", rows: [activation({ startDateTime: isoAt(-30) })], heads: known() },
  { name: "is no longer listed", rows: [], heads: known() },
])("a principal that $name is looked at", ({ rows, heads }) => {
  expect(enqueued(rows, heads)).toEqual([jane]);
});

test.each([
  { name: "is listed as before", rows: [activation()], heads: known() },
  {
    name: "is listed as before in another order",
    rows: [permanent(), activation()],
    heads: known(null, listedRows([activation(), permanent()])),
  },
  {
    name: "has a row from a group only",
    rows: [activation({ assignmentType: "Assigned", memberType: "Group" })],
    heads: new Map(),
  },
  { name: "holds nothing and is not listed", rows: [], heads: known(null, []) },
  { name: "has a head that this version cannot read", rows: [activation()], heads: new Map([[jane, null]]) },
])("a principal that $name is left alone", ({ rows, heads }) => {
  expect(enqueued(rows, heads)).toEqual([]);
});

test("a principal whose wake-up is late is looked at, once", () => {
  expect(enqueued([activation()], known(at(0)), at(7))).toEqual([]);
  expect(enqueued([activation()], known(at(0)), at(7) + 1)).toEqual([jane]);
  expect(enqueued([], known(at(0)), at(8))).toEqual([jane]);
});
