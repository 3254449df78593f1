import { describe, expect, test } from "vitest";
import { lag } from "../../../shared/detection/lag.ts";
import { readViews } from "../../../shared/detection/views.ts";
import type { DirectoryAssignment, RoleInstance } from "../../../shared/graph/graph.ts";
import { type EndedHolding, type Holding, isOwn, unknownScope } from "../../../shared/model/holding.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import {
  aHolding,
  anEnded,
  aPath,
  aSource,
  at,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
} from "../../fixtures/principal-builders.ts";

interface Answer {
  readonly instances?: readonly RoleInstance[];
  readonly directory?: readonly DirectoryAssignment[];
  readonly held?: readonly Holding[];
  readonly ended?: readonly EndedHolding[];
}

/** What an answer, `seconds` after the start, shows; the directory agrees with the list by default. */
function read(
  { instances = [], directory = instances.map(directoryRow), held = [], ended = [] }: Answer,
  seconds = 70,
) {
  const known = new Map(ended.map((one) => [one.key, one]));
  const views = readViews({ instances, directory }, held, known, at(seconds), lag);
  return {
    shown: [...views.shown.values()].map(({ privilege, rows }) => ({
      scope: privilege.directoryScopeId,
      rows: rows.length,
    })),
    shownAgain: views.ended.get(janesKey)?.shownAgain,
  };
}

const row = [directoryRow(activation())];
const once = { scope: "/", rows: 1 };

test.each([
  { of: "a direct row", over: {}, own: true },
  { of: "a group's row", over: { assignmentType: "Assigned", memberType: "Group" }, own: false },
  { of: "another scope's row", over: { assignmentType: "Assigned", memberType: "Inherited" }, own: false },
  { of: "an activation for which a group made them eligible", over: { memberType: "Group" }, own: true },
] as const)("$of is the principal's own: $own", ({ over, own }) => {
  expect(isOwn(activation(over))).toBe(own);
  expect(read({ instances: [activation(over)], directory: [] }).shown).toHaveLength(own ? 1 : 0);
});

describe("what nothing ended is shown", () => {
  test.each([
    { by: "both views", answer: { instances: [activation()] }, shown: [once] },
    {
      by: "the list alone",
      answer: { instances: [activation()], directory: [] },
      shown: [once],
    },
    { by: "the directory alone", answer: { directory: row }, shown: [{ ...once, rows: 0 }] },
    { by: "two sources", answer: { instances: [activation(), permanent()] }, shown: [{ ...once, rows: 2 }] },
    {
      by: "another scope",
      answer: { instances: [activation(oneUnit)] },
      shown: [{ ...once, scope: oneUnit.directoryScopeId }],
    },
  ])("by $by", ({ answer, shown }) => {
    expect(read(answer).shown).toEqual(shown);
  });
});

/** How a row that may be stale is read when it is shown first, and shown again for as long as a replica may lag, and longer. */
const sightings = (answer: Answer, one = anEnded()) => [
  read({ ...answer, ended: [one] }, 70),
  read({ ...answer, ended: [{ ...one, shownAgain: at(70) }] }, 370),
  read({ ...answer, ended: [{ ...one, shownAgain: at(70) }] }, 371),
];
const isStale = [
  { shown: [], shownAgain: at(70) },
  { shown: [], shownAgain: at(70) },
];

describe("a listed row of a source that ended", () => {
  test.each([
    { name: "as it was", over: {} },
    { name: "with a later end, which may have been given it before", over: { endDateTime: isoAt(3600) } },
    { name: "with no end any more", over: { endDateTime: null } },
  ])("is stale until answers that far apart show it: $name", ({ over }) => {
    const seen = sightings({ instances: [activation(over)] });
    expect(seen.slice(0, 2)).toEqual(isStale);
    expect(seen[2]?.shown).toEqual([once]);
  });

  test("is stale though the source left the list while another one went on", () => {
    const sources = [aSource({ leftList: at(-9000) }), aSource({ scheduleId: "last" })];
    expect(read({ instances: [activation()], directory: [], ended: [anEnded({ sources })] }).shown).toEqual([]);
  });

  test("lives while a holding of now has it as a source", () => {
    expect(read({ instances: [activation()], held: [aHolding()], ended: [anEnded()] }).shown).toEqual([once]);
  });

  test("lives while a holding of now has a source with its start: an extension may change the schedule id", () => {
    const extended = activation({ roleAssignmentScheduleId: "extended", endDateTime: isoAt(3600) });
    const answer = { instances: [extended], directory: [], ended: [anEnded({ sources: [] })] };
    expect(read({ ...answer, held: [aHolding()] }).shown).toEqual([once]);
    expect(read({ ...answer, held: [aHolding({ sources: [aSource({ start: isoAt(-61) })] })] }).shown).toEqual([]);
  });

  test("begins its sightings anew after an answer without it", () => {
    expect(read({ ended: [anEnded({ shownAgain: at(70) })] }, 80).shownAgain).toBeNull();
  });

  test.each([
    { seen: 362, expected: { shown: [], shownAgain: at(362) } },
    { seen: 363, expected: { shown: [once], shownAgain: at(363) } },
  ])(
    "that is permanent is stale for as long as a replica may lag: made again it is the very same ($seen s)",
    ({ seen, expected }) => {
      const instances = [activation({ startDateTime: null, endDateTime: null })];
      const ended = [anEnded({ sources: [aSource({ start: null, end: null })] })];
      expect(read({ instances, directory: [], ended }, seen)).toEqual(expected);
    },
  );

  test("of the ended holding that is newest counts: each has its own sightings", () => {
    const older = anEnded({ key: "older", endedAt: at(-100), shownAgain: at(-400) });
    expect(read({ instances: [activation()], ended: [older, anEnded()] }).shown).toEqual([]);
  });
});

describe("a listed row never seen before", () => {
  /** The loss is cut off 62 seconds after the start. */
  const begun = (seconds: number | null) =>
    activation({ roleAssignmentScheduleId: "unseen", startDateTime: seconds === null ? null : isoAt(seconds) });

  test.each([
    { name: "began after the loss", start: 62, directory: [], shown: [once] },
    { name: "has no start, though the directory has the role", start: null, directory: row, shown: [] },
    { name: "has no start, and the directory has not", start: null, directory: [], shown: [] },
    { name: "began just before the loss, and the directory has the role", start: 1, directory: row, shown: [once] },
    { name: "began just before the loss, and the directory has not", start: 61, directory: [], shown: [] },
    { name: "began long before the loss, though the directory has the role", start: 0, directory: row, shown: [] },
  ])("that $name: $shown.length", ({ start, directory, shown }) => {
    expect(read({ instances: [begun(start)], directory, ended: [anEnded()] }).shown).toEqual(shown);
  });

  test.each([
    { seen: 123, shown: [once] },
    { seen: 124, shown: [] },
  ])("that began just before the loss and is first seen $seen s after the start: $shown.length", ({ seen, shown }) => {
    expect(read({ instances: [begun(61)], directory: row, ended: [anEnded()] }, seen).shown).toEqual(shown);
  });

  test.each([
    // The sighting is noted: another pass follows when the row can no longer be stale.
    { start: 0, seen: 362, expected: { shown: [], shownAgain: at(362) } },
    { start: 0, seen: 363, expected: { shown: [once], shownAgain: null } },
    { start: null, seen: 363, expected: { shown: [once], shownAgain: null } },
  ])("lives once no replica shows what ended ($start, $seen s)", ({ start, seen, expected }) => {
    expect(read({ instances: [begun(start)], directory: [], ended: [anEnded()] }, seen)).toEqual(expected);
  });

  test("without a start is stale where no source of what ended is known: it may be the very row that the directory shows", () => {
    expect(read({ instances: [begun(null)], ended: [anEnded({ sources: [] })] }).shown).toEqual([]);
  });

  test("of another scope is another privilege", () => {
    const unit = activation({ ...oneUnit, startDateTime: isoAt(0) });
    expect(read({ instances: [unit], directory: [], ended: [anEnded()] }).shown).toHaveLength(1);
  });

  test("may be what ended where only the audit log reported the end: it does not name the scope", () => {
    const unit = activation({ ...oneUnit, startDateTime: isoAt(0) });
    const ended = anEnded({ directoryScopeId: unknownScope, sources: [], rule: "audit" });
    expect(read({ instances: [unit], ended: [ended] }).shown).toEqual([]);
    // That end is certain: what began just before it was not merely slow to appear.
    expect(read({ instances: [begun(61)], ended: [ended] }).shown).toEqual([]);
  });
});

describe("a directory row after the loss, which has no identity", () => {
  test.each([
    { seen: 362, expected: { shown: [], shownAgain: at(362) } },
    { seen: 363, expected: { shown: [{ ...once, rows: 0 }], shownAgain: null } },
  ])("is stale until no replica shows what ended: $seen s", ({ seen, expected }) => {
    expect(read({ directory: row, ended: [anEnded()] }, seen)).toEqual(expected);
  });

  test("lives when a living row explains it", () => {
    const again = activation({ roleAssignmentScheduleId: "again", startDateTime: isoAt(65) });
    expect(read({ instances: [again], ended: [anEnded()] }).shown).toEqual([once]);
  });

  test("is explained by no stale row", () => {
    expect(read({ instances: [activation()], ended: [anEnded()] }).shown).toEqual([]);
  });

  test.each([
    { by: "a source of one's own", held: aHolding(), shown: 1 },
    { by: "the directory before", held: aHolding({ sources: [] }), shown: 1 },
    {
      by: "a group alone: of that the directory names the group",
      held: aHolding({ sources: [], group: aPath() }),
      shown: 0,
    },
  ])("lives while the privilege is held by $by: $shown", ({ held, shown }) => {
    expect(read({ directory: row, held: [held], ended: [anEnded()] }).shown).toHaveLength(shown);
  });

  test("of another scope is another privilege", () => {
    expect(read({ directory: [directoryRow(activation(oneUnit))], ended: [anEnded()] }).shown).toHaveLength(1);
  });
});
