import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBuild } from "../../../local/build/read-build.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let outer: string;
beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), "pim-cutoff-build-"));
});
afterAll(() => rm(outer, { recursive: true }));

test("a checkout says its version and its commit, or that it is no checkout", async () => {
  expect(await readBuild(root)).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    commit: expect.toBeOneOf([expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$/), null]),
  });
});

test("unpacked sources say their version alone, also inside of another checkout", async () => {
  const unpacked = join(outer, "sources");
  // Git takes a folder with these for a repository.
  for (const part of ["refs", "objects"]) await mkdir(join(outer, ".git", part), { recursive: true });
  await writeFile(join(outer, ".git/HEAD"), `${"1".repeat(40)}\n`);
  await mkdir(unpacked);
  await writeFile(join(unpacked, "package.json"), '{"version":"1.2.3"}');
  expect(await readBuild(unpacked)).toEqual({ version: "1.2.3", commit: null });
  expect(await readBuild(`${unpacked}/`)).toEqual({ version: "1.2.3", commit: null });
});
