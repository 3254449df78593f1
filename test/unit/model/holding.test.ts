import { describe, expect, test } from "vitest";
import { evidenceOf, updateSources } from "../../../shared/detection/judge.ts";
import { lag } from "../../../shared/detection/lag.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import {
  announcedEnd,
  endHolding,
  type Holding,
  heldSince,
  isSourceOf,
  knownEnd,
  newHolding,
  type Source,
  termOf,
} from "../../../shared/model/holding.ts";
import { activation } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  aHolding,
  anEnded,
  aPath,
  aSource,
  at,
  isoAt,
  oneUnit,
  permanent,
  wholeDirectory,
} from "../../fixtures/principal-builders.ts";

const anotherSource = (over: Partial<Source> = {}) => aSource({ scheduleId: "another", start: isoAt(-30), ...over });

describe("a source is identified by its schedule and its start, since Graph's `id` repeats", () => {
  test.each([
    { name: "the same activation", over: { endDateTime: isoAt(3600) }, same: true },
    { name: "a later activation by the same schedule", over: { startDateTime: isoAt(3600) }, same: false },
    { name: "another schedule", over: { roleAssignmentScheduleId: "another" }, same: false },
  ])("$name: $same", ({ over, same }) => {
    expect(isSourceOf(aSource(), activation(over))).toBe(same);
  });

  test("a permanent assignment has no start", () => {
    expect(isSourceOf(aSource({ start: null }), activation({ startDateTime: null }))).toBe(true);
    expect(isSourceOf(aSource({ start: null }), activation())).toBe(false);
  });
});

test.each([
  { name: "begins later", other: newHolding(wholeDirectory, at(1)) },
  { name: "is of another scope", other: newHolding(oneUnit, at(0)) },
  { name: "is a group's", other: newHolding(wholeDirectory, at(0), aPath()) },
])("a holding has another key when it $name", ({ other }) => {
  expect(other.key).not.toBe(newHolding(wholeDirectory, at(0)).key);
});

describe("the sources after an answer", () => {
  const update = (sources: readonly Source[], rows: readonly RoleInstance[], seconds = 5, isShown = true) =>
    updateSources(sources, isShown ? rows : null, at(seconds), lag);

  test("a new row is a source from this answer on", () => {
    expect(update([], [activation()])).toEqual([aSource({ firstSeen: at(5) })]);
    expect(update([], [permanent()])).toMatchObject([{ end: null }]);
  });

  test("a row that an answer shows twice, since pages shift, is one source", () => {
    expect(update([], [activation(), activation()])).toHaveLength(1);
  });

  test("those that did not change are the very same", () => {
    const sources = [aSource()];
    expect(update(sources, [activation()])).toBe(sources);
  });

  test.each([
    { name: "an extension moves both ends", before: {}, listed: isoAt(3600), end: isoAt(3600) },
    { name: "an earlier end leaves the latest that was ever listed", before: {}, listed: isoAt(30), end: isoAt(60.5) },
    { name: "an end taken away makes it permanent", before: {}, listed: null, end: null },
    {
      name: "a permanent one that gets an end stays without a known one",
      before: { end: null, listedEnd: null },
      listed: isoAt(90),
      end: null,
    },
  ])("$name", ({ before, listed, end }) => {
    expect(update([aSource(before)], [activation({ endDateTime: listed })])).toEqual([
      aSource({ listedEnd: listed, end }),
    ]);
  });

  test("one that leaves the list is remembered with the first answer without it, until the list shows it again", () => {
    const hidden = update(update([aSource()], [], 10), [], 20);
    expect(hidden).toEqual([aSource({ leftList: at(10) })]);
    expect(update(hidden, [activation()], 30)).toEqual([aSource()]);
  });

  test("one that left the list is forgotten after two days", () => {
    const left = [aSource({ leftList: at(0), isOver: true })];
    expect(update(left, [], 48 * 3600 - 1)).toBe(left);
    expect(update(left, [], 48 * 3600)).toEqual([]);
  });

  test("at most thirty are remembered: those that left the list first are forgotten first", () => {
    const left = Array.from({ length: 30 }, (_, index) => aSource({ scheduleId: `${index}`, leftList: at(-index) }));
    const next = update(left, [activation()]);
    expect(next).toHaveLength(30);
    expect(next[0]).toMatchObject({ leftList: null });
    expect(next.map(({ scheduleId }) => scheduleId)).not.toContain("29");
  });
});

describe("a source that left the list", () => {
  const left = aSource({ leftList: at(10) });
  const next = (seconds: number, isShown = true, rows: readonly RoleInstance[] = []) =>
    updateSources([left], isShown ? rows : null, at(seconds), lag);

  test("is over once the privilege is shown without it, for longer than the list may hide a row", () => {
    expect(next(310)).toEqual([left]);
    expect(next(311)).toEqual([{ ...left, isOver: true }]);
  });

  test("is not over while no view shows the privilege: its end is the known one", () => {
    expect(next(9999, false)).toEqual([left]);
  });

  test("may still be there again when the list shows it again", () => {
    expect(updateSources(next(311), [activation()], at(320), lag)).toEqual([aSource()]);
  });
});

describe("the known end of a privilege", () => {
  const end = (sources: readonly Source[], over: Partial<Holding> = {}) => knownEnd(aHolding({ sources, ...over }));

  test.each([
    { name: "is the end of its source", sources: [aSource()], seconds: 60.5 },
    {
      name: "is rounded up where Graph writes more than milliseconds",
      sources: [aSource({ end: "2026-01-05T09:01:00.0000001Z" })],
      seconds: 60.001,
    },
    { name: "is the latest of its sources", sources: [aSource(), anotherSource({ end: isoAt(90) })], seconds: 90 },
    { name: "is that of a source that the list may hide", sources: [aSource({ leftList: at(0) })], seconds: 60.5 },
    {
      name: "is not that of a source that is over",
      sources: [aSource(), anotherSource({ end: isoAt(9000), isOver: true })],
      seconds: 60.5,
    },
  ])("$name", ({ sources, seconds }) => {
    expect(end(sources)).toBe(at(seconds));
  });

  test.each([
    { name: "a source that has none", sources: [aSource(), anotherSource({ end: null })] },
    { name: "a source without one that the list may hide", sources: [anotherSource({ end: null, leftList: at(0) })] },
    { name: "sources that are over", sources: [aSource({ isOver: true })] },
    { name: "no source: only the directory shows it", sources: [] },
  ])("there is none with $name", ({ sources }) => {
    expect(end(sources)).toBeNull();
  });

  test("through a group is the end of the group's own assignment, whatever sources are remembered", () => {
    expect(end([aSource()], { group: aPath({ endDateTime: isoAt(500.2) }) })).toBe(at(500.2));
    expect(end([aSource()], { group: aPath() })).toBeNull();
  });
});

test("the last source is the one that ends last, and a permanent one never ends", () => {
  const last = (...sources: Source[]) => termOf({ sources, group: null });
  expect(last(anotherSource({ end: isoAt(30) }), aSource())).toEqual(aSource());
  expect(last(aSource(), anotherSource({ end: null }), aSource())).toEqual(anotherSource({ end: null }));
  expect(last()).toEqual({ start: null, end: null, listedEnd: null });
});

describe("the announced end", () => {
  const announced = (...sources: Source[]) => announcedEnd(aHolding({ sources }));

  test("is the listed one of the source that ends last, though a later one was listed once", () => {
    expect(announced(aSource({ end: isoAt(900) }))).toBe(isoAt(60.5));
    expect(announced(aSource(), anotherSource({ end: isoAt(90), listedEnd: isoAt(90) }))).toBe(isoAt(90));
  });

  test("is none with a permanent source, and none without a source that may still be there", () => {
    expect(announced(aSource(), anotherSource({ end: null, listedEnd: null }))).toBeNull();
    expect(announced(aSource({ isOver: true }))).toBeNull();
  });

  test("through a group is that of the group's own assignment", () => {
    expect(announcedEnd(aHolding({ sources: [], group: aPath({ endDateTime: isoAt(500) }) }))).toBe(isoAt(500));
  });
});

test("evidence is as new as the newest source, not as the holding", () => {
  const holding = aHolding({ sources: [aSource(), anotherSource({ firstSeen: at(50) })] });
  expect(evidenceOf(holding, lag)).toEqual({ absence: null, knownEnd: at(60.5), newestSight: at(50) });
  expect(evidenceOf(aHolding({ sources: [] }), lag).newestSight).toBe(at(-3600));
});

test.each([
  { name: "nothing shows it after its end", leftList: 61, deniedAt: 61, isProof: true },
  { name: "the directory shows it six seconds longer than the list", leftList: 61, deniedAt: 67, isProof: true },
  {
    name: "the list leaves it first, and the directory six seconds after its end",
    leftList: 20,
    deniedAt: 66,
    isProof: true,
  },
  { name: "the list shows it a minute longer than the directory", leftList: 130, deniedAt: 130, isProof: true },
  { name: "the directory shows it seven seconds longer than the list", leftList: 61, deniedAt: 68, isProof: false },
  {
    name: "the list left it first, and the directory minutes after its end",
    leftList: 20,
    deniedAt: 200,
    isProof: false,
  },
])("its known end proves a loss: $isProof, when $name", ({ leftList, deniedAt, isProof }) => {
  const holding = aHolding({ sources: [aSource({ leftList: at(leftList) })], absence: absentSince(at(deniedAt)) });
  expect(evidenceOf(holding, lag).knownEnd).toBe(isProof ? at(60.5) : null);
});

test.each([
  {
    name: "the start of its oldest source",
    holding: aHolding({ sources: [aSource(), anotherSource()], firstSeen: at(0) }),
    since: -60,
  },
  {
    name: "the first sight of what has no start",
    holding: aHolding({ sources: [aSource({ start: null })] }),
    since: -3600,
  },
])("a privilege is held since $name", ({ holding, since }) => {
  expect(heldSince(holding)).toBe(at(since));
});

test("an ended holding keeps all its sources, when its run of denials began and what decided", () => {
  const sources = [aSource({ leftList: at(62) }), anotherSource({ leftList: at(-9000) })];
  const holding = aHolding({ sources, absence: absentSince(at(62), null, at(63)) });
  expect(endHolding(holding, at(63), "knownEnd")).toEqual(anEnded({ sources, endedAt: at(63) }));
});
