import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../../", import.meta.url));

const all = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name = ""]) => name);

const main = await readFile(join(root, "infra/main.bicep"), "utf8");
const chosen = await readFile(join(root, "infra/main.bicepparam"), "utf8");

/** What a deployment tells, and azd knows afterwards. */
export const outputs = all(main, /^output (\w+) /gm);

/** What `azd env set` can set. */
export const azdVariables = all(chosen, /readEnvironmentVariable\('(\w+)'/g);

/** The parameters of a template, and those that have no default. */
export async function parametersOf(
  path: string,
): Promise<{ readonly known: readonly string[]; readonly needed: readonly string[] }> {
  const text = await readFile(join(root, path), "utf8");
  return { known: all(text, /^param (\w+)/gm), needed: all(text, /^param (\w+) \w+(?:\[\])?$/gm) };
}

export const isThere = (path: string): boolean => existsSync(join(root, path));
