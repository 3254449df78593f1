import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import config from "../../../vitest.config.ts";
import { all, first } from "../../run/groups.ts";
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
  for (const { name } of all) expect(scripts[`test:${name}`]).toBe(`node test/run/main.ts ${name}`);
  expect(scripts.test).toBe("node test/run/main.ts");
  for (const { projects } of first) for (const name of projects) expect(projectNames).toContain(name);
});

test.each(representative)("$file has a test whose title begins with $title", async ({ file, title }) => {
  expect(title).toMatch(/^[\w, -]+$/);
  expect(await readFile(`${root}${file}`, "utf8")).toContain(`"${title}`);
});
