import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { settingFields } from "../../../shared/settings/definitions.ts";
import { settingDocuments } from "../../../tools/settings/documents.ts";
import { findDocuments } from "../../fixtures/find-documents.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const names = Object.keys(settingFields);

test("the documented settings are the app's settings", async () => {
  const rows = (await readFile(join(root, "docs/settings.md"), "utf8")).matchAll(/^\| (`[^|]*)/gm);
  const documented = [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(documented.toSorted()).toEqual(names.toSorted());
});

describe.each(Object.entries(settingDocuments))("%s", async (path, update) => {
  const text = await readFile(join(root, path), "utf8");

  test("is what `npm run settings` writes", () => {
    expect(update(text)).toBe(text);
  });

  test("a setting that was taken out comes back", () => {
    const lines = text.split("\n");
    const without = lines.filter((line) => !/^\W*CUTOFF_MODE\b/.test(line)).join("\n");
    expect(without).not.toBe(text);
    expect(update(without)).toBe(text);
  });
});

test("a document without its marks is not written", () => {
  const updates = Object.entries(settingDocuments).filter(([path]) => !path.endsWith(".example"));
  for (const [path, update] of updates) expect(() => update("nothing"), path).toThrow("There is no ");
});

test("no document sets what neither the app nor the deployment reads", async () => {
  const chosen = await readFile(join(root, "infra/main.bicepparam"), "utf8");
  const ofDeployment = [...chosen.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = ""]) => name);
  const known = new Set([...names, ...ofDeployment]);
  const unknown: string[] = [];
  let seen = 0;
  for (const path of await findDocuments(root)) {
    for (const [, name = ""] of (await readFile(path, "utf8")).matchAll(/`([A-Z][A-Z_]\w*)=\S*`/g)) {
      seen += 1;
      if (!known.has(name)) unknown.push(`${relative(root, path)}: ${name}`);
    }
  }
  expect(seen).toBeGreaterThan(10);
  expect(unknown).toEqual([]);
});
