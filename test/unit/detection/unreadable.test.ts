import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { countUnread } from "../../../shared/detection/next-pass.ts";
import type { Holding } from "../../../shared/model/holding.ts";
import { aHolding, aPath, aSource, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

/** A read failed; `date` is Graph's time, the count is kept in storage's. Both in seconds after the start. */
const count = (
  unreadable: { since: number; last: number; raised: boolean } | null,
  storageTime: number,
  date = 62,
  holding: Holding = aHolding(),
) =>
  countUnread(aState({ holdings: [holding], head: { unreadable } }), at(date), at(storageTime), defaultTimings).head
    .unreadable;

describe("a failed read counts once a known end has come", () => {
  const once = { since: at(1000), last: at(1000), raised: false };
  const through = (endDateTime: string | null) => aHolding({ sources: [], group: aPath({ endDateTime }) });
  test.each([
    { of: "an activation, before", date: 60, holding: aHolding(), counted: null },
    { of: "an activation, at its end", date: 60.5, holding: aHolding(), counted: once },
    { of: "what is held through a group", date: 62, holding: through(isoAt(61)), counted: once },
    { of: "a permanent source", date: 9999, holding: aHolding({ sources: [aSource({ end: null })] }), counted: null },
    { of: "a permanent path", date: 9999, holding: through(null), counted: null },
    {
      of: "one of two sources: the privilege goes on",
      date: 62,
      holding: aHolding({ sources: [aSource(), aSource({ scheduleId: "longer", end: isoAt(3600) })] }),
      counted: null,
    },
  ])("of $of", ({ date, holding, counted }) => {
    expect(count(null, 1000, date, holding)).toEqual(counted);
  });

  test("else nothing changes", () => {
    const before = aState({ holdings: [aHolding()] });
    expect(countUnread(before, at(30), at(30), defaultTimings)).toBe(before);
  });
});

test.each([
  { name: "are not raised before five minutes of tries", last: 1280, now: 1299, since: 1000, raised: false },
  { name: "are raised after five minutes of tries", last: 1280, now: 1300, since: 1000, raised: true },
  { name: "go on after a gap of two minutes", last: 1280, now: 1400, since: 1000, raised: true },
  { name: "begin anew after a longer gap: the app did not run", last: 1280, now: 1401, since: 1401, raised: false },
])("failed reads $name", ({ last, now, since, raised }) => {
  const before = { since: at(1000), last: at(last), raised: false };
  expect(count(before, now)).toEqual({ since: at(since), last: at(now), raised });
});
