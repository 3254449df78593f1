import { expect, test } from "vitest";
import {
  againstTheLayers,
  filesInCircles,
  folderOf,
  foldersInCircles,
  isShared,
  layers,
  readSources,
  replacedInTitles,
  replacedNames,
  withOneImporter,
} from "../house/measure.ts";

const sources = readSources();
const shared = sources.filter(isShared);

test("a folder imports only from those below it, types included", () => {
  expect([...new Set(sources.map(({ path }) => folderOf(path)))].toSorted()).toEqual([...layers].toSorted());
  expect(againstTheLayers(sources)).toEqual([]);
});

test("an import from above would be noticed", () => {
  const upwards = { path: "shared/model/x.ts", lines: 1, text: "", imports: ["shared/reconcile/pass.ts"] };
  expect(againstTheLayers([upwards])).toEqual(["shared/model/x.ts imports shared/reconcile/pass.ts"]);
});

test("no file and no folder imports itself on a detour", () => {
  expect(filesInCircles(sources)).toEqual([]);
  expect(foldersInCircles(sources)).toEqual([]);
});

test("a circle would be noticed", () => {
  const circle = ["a", "b", "c"].map((name, at, all) => ({
    path: `shared/${name}/x.ts`,
    lines: 1,
    text: "",
    imports: [`shared/${all[(at + 1) % all.length]}/x.ts`],
  }));
  expect(filesInCircles(circle)).toHaveLength(3);
  expect(foldersInCircles(circle)).toEqual(["a", "b", "c"]);
});

test("a capability is read in one place: files of 165 lines on average, nine in ten of 60 to 250, few with one importer", () => {
  const lines = shared.reduce((sum, file) => sum + file.lines, 0);
  expect(lines / shared.length).toBeGreaterThanOrEqual(165);
  const inBounds = shared.filter(({ lines }) => lines >= 60 && lines <= 250);
  expect(inBounds.length / shared.length).toBeGreaterThanOrEqual(0.9);
  expect(withOneImporter(sources).length).toBeLessThanOrEqual(30);
});

test("no thing has two names: the replaced words are in none", () => {
  expect(replacedNames(sources)).toEqual([]);
  const old = { path: "shared/x.ts", lines: 1, text: 'const toldAt = "told"; // told', imports: [] };
  expect(replacedNames([old])).toEqual(["shared/x.ts: toldAt"]);
});

test("nor are they in the names and titles of tests, and in the names of what simulates Microsoft", () => {
  const others = readSources(["local", "test"]);
  // A message of version 0.1, which is refused.
  const ofVersion01 = /^test\/unit\/reconcile\/(?:messages|unknown-versions)\.test\.ts: tells$/;
  expect(replacedNames(others).filter((name) => !ofVersion01.test(name))).toEqual([]);
  expect(replacedInTitles(others)).toEqual([]);
  const title = "nobody is told";
  const old = { path: "test/x.test.ts", lines: 1, text: `test("${title}", () => {});`, imports: [] };
  expect(replacedInTitles([old])).toEqual([`test/x.test.ts: ${title}`]);
});
