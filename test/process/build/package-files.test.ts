import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleApp } from "../../../local/build/bundle-app.ts";
import { packageFiles } from "../../../local/build/package-files.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let zip: Uint8Array;
let folder: string;

// Bundling takes seconds, and more on a busy machine.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pim-cutoff-package-"));
  await bundleApp(join(folder, "built"));
  zip = await packageFiles(root, join(folder, "built"));
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

test("the package is bundle, host.json and package.json, and at most 3 MB", () => {
  const files = unzipSync(zip);
  expect(Object.keys(files).toSorted()).toEqual([
    "dist/insights.cjs",
    "dist/mail-client.cjs",
    "dist/main.cjs",
    "host.json",
    "package.json",
  ]);
  expect(zip.length).toBeLessThanOrEqual(3_000_000);
  const packageJson = JSON.parse(strFromU8(files["package.json"] ?? new Uint8Array()));
  expect(Object.keys(packageJson)).toEqual(["name", "version", "type", "main"]);
  expect(Object.keys(files)).toContain(packageJson.main);
});

test("it runs by itself, telemetry included, where nothing is installed", async () => {
  for (const [path, content] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(folder, "deployed", path)), { recursive: true });
    await writeFile(join(folder, "deployed", path), content);
  }
  const required = createRequire(join(folder, "deployed", "package.json"));
  expect(Object.keys(required("./dist/insights.cjs"))).toEqual(["connectInsights"]);
  expect(Object.keys(required("./dist/mail-client.cjs"))).toEqual(["connectMail"]);
});
