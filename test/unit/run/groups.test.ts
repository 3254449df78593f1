import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import config from "../../../vitest.config.ts";
import { all, first, groupsOf, leftOut, sideBySide } from "../../run/groups.ts";
import { representative } from "../../run/representative.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(`${root}package.json`, "utf8")));
const globs = z.array(z.string());
const { projects } = z
  .object({
    projects: z.array(z.object({ test: z.object({ name: z.string(), include: globs, exclude: globs.default([]) }) })),
  })
  .parse(config.test);
const projectNames = projects.map(({ test: { name } }) => name);

test("every test file is in exactly one project", () => {
  const files = (patterns: readonly string[]) => globSync([...patterns], { cwd: root });
  const taken = projects.flatMap(({ test: { include, exclude } }) => {
    const left = new Set(files(exclude));
    return files(include).filter((file) => !left.has(file));
  });
  expect(taken.toSorted()).toEqual(files(["test/**/*.test.ts"]).toSorted());
});

test("every pattern of a project finds a file", () => {
  const patterns = projects.flatMap(({ test: { include, exclude } }) => [...include, ...exclude]);
  expect(patterns.filter((pattern) => globSync(pattern, { cwd: root }).length === 0)).toEqual([]);
});

test("everything is every project, each once and in the order of the projects", () => {
  expect(all.flatMap(({ projects }) => projects)).toEqual(projectNames);
});

test("each group has a command, and what npm test runs is a part of everything", () => {
  for (const { command } of all)
    expect(scripts[command]).toBe(`node test/run/main.ts ${command.slice("test:".length)}`);
  expect(scripts["test:all"]).toBe("node test/run/main.ts all");
  expect(scripts.test).toBe("node test/run/main.ts");
  for (const { projects } of first) for (const name of projects) expect(projectNames).toContain(name);
});

test("a command runs all groups that name it, and npm test says which commands run the others", () => {
  expect(groupsOf("e2e").map(({ name }) => name)).toEqual(["e2e-alone", "e2e-together"]);
  expect(groupsOf("e2e-alone").map(({ name }) => name)).toEqual(["e2e-alone"]);
  expect(groupsOf("no")).toEqual([]);
  expect(leftOut.map(({ name }) => name)).toEqual(all.map(({ name }) => name).filter((name) => name !== "unit"));
});

test("only npm test runs groups side by side: the end-to-end tests that mostly wait, beside the simulation", () => {
  const names = (groups: typeof all) => sideBySide(groups).map((together) => together.map(({ name }) => name));
  expect(names(first)).toEqual([["unit"], ["simulation-short", "e2e-representative"]]);
  expect(names(all)).toEqual(all.map(({ name }) => [name]));
});

test.each(representative)("$file has a test whose title begins with $title", async ({ file, title }) => {
  expect(title).toMatch(/^[\w, -]+$/);
  expect(await readFile(`${root}${file}`, "utf8")).toContain(`"${title}`);
});
