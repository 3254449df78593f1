import { expect, test } from "vitest";
import { findPathNeeds, watchPaths } from "../../../shared/assignments/group-paths.ts";
import { anObligation, aPath, at, aWatch, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const ending = [aWatch()];
const role = wholeDirectory.roleDefinitionId;

test("groups are read once for a role that nothing else holds", () => {
  expect(findPathNeeds([aWatch(oneUnit), anObligation()], [])).toEqual([role]);
  expect(findPathNeeds([], [])).toEqual([]);
});

test("a watched path is read every time", () => {
  const path = aWatch({ key: "path", source: "groupPath" });
  expect(findPathNeeds([], [path])).toEqual([role]);
});

test("a path that covers the ending privilege is watched from the same commit on, with the end of the group's own assignment", () => {
  const path = aPath({ endDateTime: "2026-01-05T17:00:00Z" });
  expect(watchPaths([path], [aWatch(oneUnit)], at(62))).toMatchObject([
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
  { name: "holds another role", path: aPath({ roleDefinitionId: "another" }) },
  { name: "holds it in a narrower scope", path: aPath(oneUnit) },
])("a path is not watched when it $name", ({ path }) => {
  expect(watchPaths([path], ending, at(62))).toEqual([]);
});

test("a membership that ends and begins again is another watch", () => {
  const [first] = watchPaths([aPath()], ending, at(62));
  const [second] = watchPaths([aPath()], ending, at(90));
  expect(first?.key).not.toBe(second?.key);
});
