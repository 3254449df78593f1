import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Every source of these folders that says this, by its path. */
async function thoseThatSay(pattern: RegExp, ...folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const path of await readdir(`${root}${folder}`, { recursive: true })) {
      if (path.endsWith(".ts") && pattern.test(await readFile(`${root}${folder}/${path}`, "utf8")))
        found.push(`${folder}/${path}`);
    }
  }
  return found;
}

test("only the composition root puts the parts together", async () => {
  const users = await thoseThatSay(/from "[./]+\/wiring\.ts"/, "shared", "functions", "local");
  expect(users).toEqual(["shared/app.ts"]);
  expect(await thoseThatSay(/from "\.\.\/shared\/app\.ts"/, "functions")).toContain("functions/main.ts");
  expect(await thoseThatSay(/import \{[^}]*\bcreateApp\b/, "shared", "functions", "local")).toEqual([
    "functions/main.ts",
  ]);
});

test("only the settings read the environment", async () => {
  const readers = await thoseThatSay(/\bprocess\.env\b/, "shared", "functions");
  expect(readers.filter((path) => !path.startsWith("shared/settings/"))).toEqual([]);
});
