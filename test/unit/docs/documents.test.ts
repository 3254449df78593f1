import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findDocuments } from "../../fixtures/find-documents.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const documents = await findDocuments(root);

/** The anchor that a heading gets where Markdown is shown. */
const toAnchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => toAnchor(heading ?? ""));

test("there are documents", () => {
  expect(documents.map((path) => relative(root, path))).toEqual(
    expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/reliability.md", "docs/architecture.md"]),
  );
});

describe.each(documents.map((path) => [relative(root, path), path] as const))("%s", (_, path) => {
  test("links only to what is there", async () => {
    const text = await readFile(path, "utf8");
    const dead: string[] = [];
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const at = file === "" ? path : join(dirname(path), file);
      if (!existsSync(at) || (anchor !== undefined && !anchorsOf(await readFile(at, "utf8")).includes(anchor))) {
        dead.push(target);
      }
    }
    expect(dead).toEqual([]);
  });

  test("names only commands of npm and files that exist", async () => {
    const text = await readFile(path, "utf8");
    const named = [...text.matchAll(/(?:(?:^|`)npm (?:run )?|\bnpm run )([a-z][a-z0-9:-]*)/gm)].map(
      ([, name = ""]) => name,
    );
    const ofNpm = ["ci"];
    expect(named.filter((name) => !(name in scripts) && !ofNpm.includes(name))).toEqual([]);
    const files = [
      ...text.matchAll(/`?\b((?:shared|functions|local|test|docs|infra)\/[\w./-]+\.(?:ts|md|json|bicep|mjs))\b/g),
    ];
    expect(
      files
        .map(([, file]) => file ?? "")
        .filter((file) => !file.startsWith("local/out/") && !existsSync(join(root, file))),
    ).toEqual([]);
  });
});
