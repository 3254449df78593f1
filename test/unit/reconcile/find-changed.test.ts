import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { listedRows } from "../../../shared/model/holding.ts";
import { emptyHead } from "../../../shared/model/principal.ts";
import { findChanged } from "../../../shared/reconcile/resync.ts";
import { activation, jane } from "../../fixtures/fake-world.ts";
import { at, isoAt, permanent } from "../../fixtures/principal-builders.ts";

const listed = listedRows([activation()]);
const known = (wakeAt: number | null = null, rows: readonly string[] = listed) =>
  new Map([[jane, { ...emptyHead, kind: "user" as const, listed: rows, wakeAt }]]);
const enqueued = (rows: Parameters<typeof findChanged>[0], heads: Parameters<typeof findChanged>[1], now = at(0)) =>
  findChanged(rows, heads, { storage: now, graph: now }, defaultTimings);

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
])("a principal that $name is enqueued", ({ rows, heads }) => {
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

test("a principal whose wake-up is late is enqueued, once", () => {
  expect(enqueued([activation()], known(at(0)), at(7))).toEqual([]);
  expect(enqueued([activation()], known(at(0)), at(7) + 1)).toEqual([jane]);
  expect(enqueued([], known(at(0)), at(8))).toEqual([jane]);
  expect(enqueued([activation()], known(null), at(9999))).toEqual([]);
});

describe("a principal that Graph did not find for five minutes, and whom the list still names", () => {
  const missing = { first: at(0), since: at(200), last: at(300) };
  const unfound = (rows: readonly string[], kind: "user" | "unknown" | "group" = "user") =>
    new Map([[jane, { ...emptyHead, kind, listed: rows, missing }]]);

  test.each([
    { name: "waits as long as it was not found", rows: [activation()], heads: unfound([]), now: 599, passes: [] },
    { name: "is enqueued after that", rows: [activation()], heads: unfound([]), now: 600, passes: [jane] },
    {
      name: "is enqueued when a row began since",
      rows: [activation({ startDateTime: isoAt(301) })],
      heads: unfound([]),
      now: 310,
      passes: [jane],
    },
    { name: "waits though the row is permanent", rows: [permanent()], heads: unfound([]), now: 310, passes: [] },
    {
      name: "is enqueued when a row has gone",
      rows: [permanent()],
      heads: unfound(listed),
      now: 310,
      passes: [jane],
    },
    {
      name: "is enqueued if it was never found and a replica may still lack the row: it may be a service principal",
      rows: [activation({ startDateTime: isoAt(0) })],
      heads: unfound([], "unknown"),
      now: 310,
      passes: [jane],
    },
    {
      name: "is enqueued if it was never found and the row does not say since when it is there",
      rows: [permanent({ startDateTime: null })],
      heads: unfound([], "unknown"),
      now: 310,
      passes: [jane],
    },
    {
      name: "waits if it was never found and the row began five minutes before the last read",
      rows: [activation({ startDateTime: isoAt(-1) })],
      heads: unfound([], "unknown"),
      now: 310,
      passes: [],
    },
    {
      name: "waits if it was a group",
      rows: [activation()],
      heads: unfound([], "group"),
      now: 310,
      passes: [],
    },
    { name: "is enqueued when all rows have gone", rows: [], heads: unfound(listed), now: 310, passes: [jane] },
  ])("$name", ({ rows, heads, now, passes }) => {
    expect(enqueued(rows, heads, at(now))).toEqual(passes);
  });

  test("is enqueued each time while a lagging replica may be the cause", () => {
    const lagging = { first: at(0), since: at(0), last: at(60) };
    const heads = new Map([[jane, { ...emptyHead, kind: "user" as const, missing: lagging }]]);
    expect(enqueued([activation()], heads, at(61))).toEqual([jane]);
  });
});
