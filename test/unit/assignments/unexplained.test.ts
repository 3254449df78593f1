import { expect, test } from "vitest";
import { privilegeKey } from "../../../shared/assignments/privilege.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { findUnexplained, isHeldBack, type SeenUnexplained } from "../../../shared/assignments/unexplained.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { at, janesKey, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const key = privilegeKey(wholeDirectory);
const find = (
  given: { living?: readonly RoleInstance[]; inherited?: readonly RoleInstance[]; before?: SeenUnexplained },
  seconds = 100,
  directory = [directoryRow(activation())],
) =>
  findUnexplained(
    directory,
    (given.living ?? []).map((row) => ({ row, key: janesKey, generation: 0 })),
    given.inherited ?? [],
    given.before ?? { unexplained: {} },
    at(seconds),
    defaultTimings,
  );

test.each([
  { by: "a living row", given: { living: [activation()] } },
  {
    by: "a row inherited from elsewhere",
    given: { inherited: [activation({ assignmentType: "Assigned", memberType: "Inherited" })] },
  },
])("a directory row is explained by $by of the same privilege", ({ given }) => {
  expect(find(given)).toEqual({ young: [], settled: [], seen: { unexplained: {} } });
});

test("a group's row explains nothing: of that the directory names the group as the principal", () => {
  const inherited = [activation({ assignmentType: "Assigned", memberType: "Group" })];
  expect(find({ inherited }).young).toEqual([wholeDirectory]);
});

test("a living row at another scope explains nothing", () => {
  expect(find({ living: [activation({ directoryScopeId: oneUnit.directoryScopeId })] }).young).toEqual([
    wholeDirectory,
  ]);
});

/** Seen so from 100 s on, and last at `seconds`. */
const seenUntil = (seconds: number): SeenUnexplained => ({
  unexplained: { [key]: at(100) },
  unexplainedAt: at(seconds),
});

test("a row that nothing explains is young for fifteen minutes and settled from then on", () => {
  expect(find({}).seen).toEqual(seenUntil(100));
  const before = seenUntil(940);
  expect(find({ before }, 999)).toEqual({ young: [wholeDirectory], settled: [], seen: seenUntil(999) });
  expect(find({ before }, 1000)).toEqual({
    young: [],
    settled: [wholeDirectory],
    seen: { unexplained: { [key]: at(100) } },
  });
});

test("its time begins anew when it was explained or absent in between", () => {
  const before = seenUntil(190);
  expect(find({ before }, 200, []).seen).toEqual({ unexplained: {} });
  expect(find({ before, living: [activation()] }, 200).seen).toEqual({ unexplained: {} });
});

test("its time begins anew after more than two minutes without an answer: what explains it may have come and gone", () => {
  const before = seenUntil(200);
  expect(find({ before }, 320).seen).toEqual(seenUntil(320));
  expect(find({ before }, 2000)).toEqual({
    young: [wholeDirectory],
    settled: [],
    seen: { unexplained: { [key]: at(2000) }, unexplainedAt: at(2000) },
  });
});

test.each([
  { when: "alone", before: { unexplained: { [key]: at(100) } } },
  { when: "beside a young one", before: seenUntil(1100) },
])("one that was settled before those minutes stays so, $when", ({ before }) => {
  expect(find({ before }, 9000).settled).toEqual([wholeDirectory]);
});

test("a young row holds back the end of what it covers, and only that", () => {
  const { young } = find({});
  const held = { young, settled: [], seen: { unexplained: {} } };
  expect(isHeldBack(oneUnit, held)).toBe(true);
  expect(isHeldBack({ ...oneUnit, roleDefinitionId: "another" }, held)).toBe(false);
  expect(isHeldBack(wholeDirectory, { young: [oneUnit], settled: [], seen: { unexplained: {} } })).toBe(false);
});
