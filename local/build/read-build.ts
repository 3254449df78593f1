import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** What the bundle of this folder says of itself. */
export async function readBuild(root: string) {
  const { version } = packageSchema.parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  return { version, commit: await commitOf(root) };
}

/** Null without git, and in a folder that is no checkout of its own: an outer one is of something else. */
async function commitOf(root: string): Promise<string | null> {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(join(root, ".")) };
  const describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  try {
    const { stdout } = await promisify(execFile)("git", describe, { cwd: root, env });
    return stdout.trim();
  } catch {
    return null;
  }
}
