import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
);
const names = Object.keys(scripts);
const before = names.filter((name) => name.startsWith("pre"));

// A shell remembers where it found `node`. In the shell that installs, that is the one of whoever started npm, which may be too old.
test.each(before)("%s installs and does nothing else in that shell", (name) => {
  expect(scripts[name]).toBe("node local/setup/ensure-installed.mjs");
});

test("every script but the formatter sets itself up", () => {
  const main = names.filter((name) => !before.includes(name) && name !== "format");
  expect(main.map((name) => `pre${name}`).toSorted()).toEqual(before.toSorted());
});
