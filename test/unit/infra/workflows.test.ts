import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../../.github/workflows/", import.meta.url));
const { scripts } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));

describe.each(await readdir(folder))("%s", async (name) => {
  const text = await readFile(folder + name, "utf8");

  test("pins every action by commit, with its version beside it", () => {
    const uses = [...text.matchAll(/uses: (.+)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d/.test(action))).toEqual([]);
  });

  test("has no permission but those that a job names", () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    expect(text.match(/^ {2}\w[\w-]*:\n(?: {4}.*\n)*? {4}permissions:/gm)?.length).toBe(
      [...text.matchAll(/^ {4}runs-on:/gm)].length,
    );
  });

  test("keeps no token in the checkout", () => {
    const checkouts = [...text.matchAll(/actions\/checkout@/g)].length;
    expect([...text.matchAll(/persist-credentials: false/g)]).toHaveLength(checkouts);
  });

  test("names no host of one cloud: where the app is, Azure tells", () => {
    expect(text).not.toMatch(/azurewebsites|\bazure\.com|windows\.net|microsoftonline/);
  });

  test("runs only scripts that there are", () => {
    const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = ""]) => script);
    expect(commands.filter((script) => !(script in scripts))).toEqual([]);
  });
});
