import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isThere, root } from "./infra-names.ts";

/** A script of the repository: it can be run, and takes as many arguments as its usage says. A lone name is no call. */
export async function judgeScript(path: string, args: readonly string[], isCall: boolean): Promise<readonly string[]> {
  if (!isThere(path)) return [`${path} is not there`];
  try {
    accessSync(join(root, path), constants.X_OK);
  } catch {
    return [`${path} cannot be executed`];
  }
  const usage = /usage: \$0((?: [A-Z_]+)*)/.exec(await readFile(join(root, path), "utf8"))?.[1] ?? "";
  const wanted = usage.split(" ").length - 1;
  return !isCall || args.length === wanted ? [] : [`${path} takes ${wanted} arguments:${usage}`];
}
