import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";

const failure = z.object({ stderr: z.string() });

/** Runs Bicep, and gives what it prints and what it has to say against the input. */
export async function runCompiler(
  bicep: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly printed: string; readonly problems: readonly string[] }> {
  // The path alone: what is set here must not decide what is checked.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
  const { printed, said } = await promisify(execFile)(bicep, args, { env, maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ printed: stdout, said: stderr }),
    (error: unknown) => {
      const told = failure.safeParse(error).data?.stderr.trim() ?? "";
      return { printed: "", said: told === "" ? String(error) : told };
    },
  );
  return { printed, problems: [...new Set(said.split("\n").filter((line) => line.trim() !== ""))] };
}
