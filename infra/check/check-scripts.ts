import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import type { Checked } from "./finding.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** How `execFile` fails: `ENOENT` without the program, else with what it printed. */
const failure = z.object({ code: z.union([z.number(), z.string()]), stdout: z.string() });

/** The shell scripts that people run, by the Debian package shellcheck. */
export async function checkScripts(): Promise<readonly Checked[]> {
  const names = (await readdir(`${root}infra`, { recursive: true })).filter((name) => name.endsWith(".sh")).sort();
  const files = names.map((name) => `infra/${name}`);
  const what = `${files.length} scripts`;
  const options = ["--external-sources", "--source-path=SCRIPTDIR", "--format=gcc"];
  try {
    await promisify(execFile)("shellcheck", [...options, ...files], { cwd: root });
    return [{ what, problems: [] }];
  } catch (error) {
    const { code, stdout } = failure.parse(error);
    if (code === "ENOENT")
      return [{ what, problems: [], unchecked: "There is no shellcheck here: apt-get install shellcheck" }];
    return [{ what, problems: stdout.trim().split("\n") }];
  }
}
