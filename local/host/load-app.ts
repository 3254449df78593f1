import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { HostError } from "./host-error.ts";

const packageJson = z.object({ main: z.string().min(1), type: z.string().optional() });

/**
 * Runs the files that `main` (a glob) in the app's `package.json` names, in order: ES modules by import, CommonJS by require.
 * @throws HostError `appInvalid` when there is nothing to load, `appLoadFailed` when a file throws: that blocks the whole app.
 */
export async function loadApp(appDirectory: string): Promise<void> {
  const { main, type } = await readPackageJson(appDirectory);
  const files = globSync(main, { cwd: appDirectory }).sort();
  if (files.length === 0) {
    throw new HostError("appInvalid", `No file matches "main" (${main}) of package.json: build the app first.`);
  }
  const require = createRequire(join(appDirectory, "package.json"));
  for (const file of files) {
    const path = join(appDirectory, file);
    try {
      const isModule = extname(path) === ".mjs" || (extname(path) === ".js" && type === "module");
      await (isModule ? import(pathToFileURL(path).href) : require(path));
    } catch (error) {
      throw new HostError("appLoadFailed", `Worker was unable to load entry point "${file}".`, error);
    }
  }
}

async function readPackageJson(appDirectory: string): Promise<z.infer<typeof packageJson>> {
  try {
    return packageJson.parse(JSON.parse(await readFile(join(appDirectory, "package.json"), "utf8")));
  } catch (error) {
    throw new HostError("appInvalid", `package.json of the app needs a "main" that names its files.`, error);
  }
}
