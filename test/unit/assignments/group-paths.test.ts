import { expect, test } from "vitest";
import { findPathNeeds, watchPaths } from "../../../shared/assignments/group-paths.ts";
import { anObligation, aPath, at, aWatch, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const ending = [aWatch()];
const staying = [aWatch({ key: "other" })];
const role = wholeDirectory.roleDefinitionId;

test("groups are read for a role that ends with nothing else to hold it", () => {
  expect(findPathNeeds(ending, [], [])).toEqual([role]);
  expect(findPathNeeds([aWatch(oneUnit), anObligation()], [], [])).toEqual([role]);
});

test("groups are not read while another assignment covers the role, or when none is being lost", () => {
  expect(findPathNeeds(ending, [], staying)).toEqual([]);
  expect(findPathNeeds([], [], staying)).toEqual([]);
});

test("a watched path is read every time", () => {
  const path = aWatch({ key: "path", source: "groupPath" });
  expect(findPathNeeds([], [path], [path])).toEqual([role]);
});

test("a path that covers the ending privilege is watched from the same commit on, with the end of the group's own assignment", () => {
  const path = aPath({ endDateTime: "2026-01-05T17:00:00Z" });
  expect(watchPaths([path], [aWatch(oneUnit)], [], at(62))).toMatchObject([
    {
      source: "groupPath",
      groupId: path.groupId,
      ...wholeDirectory,
      end: path.endDateTime,
      listedEnd: path.endDateTime,
      firstSeen: at(62),
      absence: null,
    },
  ]);
});

test.each([
  { name: "holds another role", path: aPath({ roleDefinitionId: "another" }), stay: [] },
  { name: "holds it in a narrower scope", path: aPath(oneUnit), stay: [] },
  { name: "is not needed, since something else covers the role", path: aPath(), stay: staying },
])("a path is not watched when it $name", ({ path, stay }) => {
  expect(watchPaths([path], ending, stay, at(62))).toEqual([]);
});

test("a membership that ends and begins again is another watch", () => {
  const [first] = watchPaths([aPath()], ending, [], at(62));
  const [second] = watchPaths([aPath()], ending, [], at(90));
  expect(first?.key).not.toBe(second?.key);
});
