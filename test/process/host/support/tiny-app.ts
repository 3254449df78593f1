import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

/** Writes an app of CommonJS files that use the real @azure/functions; it is gone after the test. Returns its folder. */
export async function tinyApp(files: Record<string, string>, hostJson: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tiny-app-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(resolve("node_modules"), join(folder, "node_modules"), "junction");
  const all = {
    "package.json": JSON.stringify({ main: "*.cjs" }),
    "host.json": JSON.stringify({ version: "2.0", ...hostJson }),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
  return folder;
}

/** An app of one file; `body` can use `app`. */
export function tinyFunctions(body: string, hostJson?: object): Promise<string> {
  return tinyApp({ "main.cjs": `const { app } = require("@azure/functions");\n${body}` }, hostJson);
}
