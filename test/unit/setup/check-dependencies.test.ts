import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { licencesOf, problemsOf } from "../../../local/setup/check-dependencies.mjs";

const good = {
  integrity: `sha512-${"A".repeat(86)}==`,
  resolved: "https://registry.example/a/-/a-1.0.0.tgz",
  license: "MIT",
};
const problems = (over: object) =>
  problemsOf({ lockfileVersion: 3, packages: { "": {}, "node_modules/a": { ...good, ...over } } });

test("a package with its checksum, from a registry and under a known licence is fine", () => {
  expect(problems({})).toEqual([]);
  expect(problems({ resolved: undefined, license: "(GPL-3.0 OR MIT)" })).toEqual([]);
});

test.each([
  [{ integrity: undefined }, "has no sha512 checksum"],
  [{ integrity: "sha1-AAAA" }, "has no sha512 checksum"],
  [{ resolved: "git+ssh://git@example.com/a.git#1" }, "is not from a registry"],
  [{ resolved: "http://registry.example/a/-/a-1.0.0.tgz" }, "is not from a registry"],
  [{ link: true }, "is a link"],
  [{ license: undefined }, "has the licence (none)"],
  [{ license: "GPL-3.0" }, "has the licence GPL-3.0"],
  [{ license: "MIT AND GPL-3.0" }, "has the licence MIT AND GPL-3.0"],
])("%j is a problem", (over, problem) => {
  expect(problems(over)).toEqual([`node_modules/a ${problem}`]);
});

test("another version of the lockfile is not judged", () => {
  expect(problemsOf({ lockfileVersion: 2, packages: {} })).toEqual(["lockfile version 2: 3 is expected"]);
});

test("this repository's lockfile is fine, and its licences are counted", () => {
  const lockfile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  expect(problemsOf(lockfile)).toEqual([]);
  expect(licencesOf(lockfile)[0]).toEqual(["MIT", expect.any(Number)]);
});
