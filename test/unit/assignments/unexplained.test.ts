import { expect, test } from "vitest";
import { privilegeKey } from "../../../shared/assignments/privilege.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { findUnexplained, isHeldBack } from "../../../shared/assignments/unexplained.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { at, janesKey, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const key = privilegeKey(wholeDirectory);
const find = (
  given: { living?: readonly RoleInstance[]; inherited?: readonly RoleInstance[]; before?: Record<string, number> },
  seconds = 100,
  directory = [directoryRow(activation())],
) =>
  findUnexplained(
    directory,
    (given.living ?? []).map((row) => ({ row, key: janesKey, generation: 0 })),
    given.inherited ?? [],
    given.before ?? {},
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
  expect(find(given)).toEqual({ young: [], settled: [], since: {} });
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

test("a row that nothing explains is young for fifteen minutes and settled from then on", () => {
  expect(find({}).since).toEqual({ [key]: at(100) });
  const before = { [key]: at(100) };
  expect(find({ before }, 999)).toEqual({ young: [wholeDirectory], settled: [], since: before });
  expect(find({ before }, 1000)).toEqual({ young: [], settled: [wholeDirectory], since: before });
});

test("its time begins anew when it was explained or absent in between", () => {
  const before = { [key]: at(100) };
  expect(find({ before }, 200, []).since).toEqual({});
  expect(find({ before, living: [activation()] }, 200).since).toEqual({});
});

test("a young row holds back the end of what it covers, and only that", () => {
  const { young } = find({});
  const held = { young, settled: [], since: {} };
  expect(isHeldBack(oneUnit, held)).toBe(true);
  expect(isHeldBack({ ...oneUnit, roleDefinitionId: "another" }, held)).toBe(false);
  expect(isHeldBack(wholeDirectory, { young: [oneUnit], settled: [], since: {} })).toBe(false);
});
