import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A folder for temporary files by its name, somebody's home, a checkout at the root: they are on one machine and on no other. */
const ofOneMachine = /(?<![\w.})/-]|:\/)\/(?:tmp|var\/tmp|var\/folders|root|home|Users|work)\b/g;

/** What settings show as an example. */
const example = /\/home\/me\b/g;

const pathsIn = (text: string): readonly string[] => text.replace(example, "").match(ofOneMachine) ?? [];

test.each([
  ['{ log: "/tmp/a.log" }', 1],
  ["cd /work/main && cp a /home/jane", 2],
  ['{ HOME: "/root" }', 1],
  ["Users' keys: https://example.com/home/a", 0],
  ["./tmp/a, local/work/a, {folder}/tmp/a, join(root)/tmp, /homes, /home/me/app.pem", 0],
])("of %s", (text, found) => {
  expect(pathsIn(text)).toHaveLength(found);
});

test("no source, test or document names a path of one machine", async () => {
  const folders = "{.ci,.github,docs,functions,infra,local,shared,test}/**/*";
  const files = globSync([`${folders}.{bicep,bicepparam,json,kql,md,mjs,mts,sh,ts,yml}`, ".ci/run", "*.{json,md,ts}"], {
    cwd: root,
  }).filter((file) => !file.startsWith("local/out/") && basename(file) !== "machine-paths.test.ts");
  expect(files.length).toBeGreaterThan(1000);
  const found: string[] = [];
  for (const file of files) {
    for (const path of pathsIn(await readFile(`${root}${file}`, "utf8"))) found.push(`${file}: ${path}`);
  }
  expect(found).toEqual([]);
});
