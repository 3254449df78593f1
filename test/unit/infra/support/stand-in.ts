import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const infra = fileURLToPath(new URL("../../../../infra/", import.meta.url));

/** What a call is answered: a text on standard output, or an error as the Azure CLI prints it. */
export type Reply = string | { readonly error: string };

/** Calls whose words contain the key, in the order of the keys, get one reply after the other; the last one again and again. */
export type Replies = Readonly<Record<string, readonly Reply[]>>;

export interface Run {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** Each call of the Azure CLI, on one line. */
  readonly calls: readonly string[];
  /** The seconds of each wait, none of which took place. */
  readonly waits: readonly string[];
  /** What was handed over in a file. */
  readonly secret: string;
}

/** Runs a script of infra/ with an Azure CLI that gives the answers of the test. Nothing but the stand-ins is called, and no time passes. */
export async function runScript(
  script: string,
  args: readonly string[],
  replies: Replies,
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "infra-"));
  await Promise.all(
    Object.values(replies).map(async (list, rule) => {
      await mkdir(join(folder, `${rule}`));
      await Promise.all(
        list.map((reply, turn) =>
          typeof reply === "string"
            ? writeFile(join(folder, `${rule}`, `${turn + 1}.out`), reply)
            : writeFile(join(folder, `${rule}`, `${turn + 1}.err`), `${reply.error}\n`),
        ),
      );
    }),
  );
  const cases = Object.entries(replies).map(([words, list], rule) => `  *'${words}'*) turn ${rule} ${list.length} ;;`);
  await executable(
    join(folder, "az"),
    `printf '%s\\036' "$*" >> ${folder}/calls
all="$*"
while [ $# -gt 0 ]; do [ "$1" != --file ] || cp "$2" ${folder}/secret; shift; done
turn() {
  at=0; [ ! -f "${folder}/$1/at" ] || read -r at < "${folder}/$1/at"
  at=$((at + 1)); [ "$at" -le "$2" ] || at=$2
  echo "$at" > "${folder}/$1/at"
  if [ -f "${folder}/$1/$at.err" ]; then cat "${folder}/$1/$at.err" >&2; exit 1; fi
  cat "${folder}/$1/$at.out"
}
case $all in
${cases.join("\n")}
  *) echo "the stand-in was not said what to answer: $all" >&2; exit 99 ;;
esac`,
  );
  await executable(join(folder, "sleep"), `echo "$1" >> ${folder}/sleeps`);
  await executable(join(folder, "npm"), "exit 0");
  const env = { PATH: `${folder}:${process.env.PATH}`, ...environment };
  const result = await promisify(execFile)(`${infra}${script}`, args, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
  const partsOf = async (name: string, end: string) =>
    (await readOrNothing(join(folder, name))).split(end).filter((part) => part !== "");
  return {
    ...result,
    calls: (await partsOf("calls", "\u001e")).map((call) => call.replaceAll("\n", " ")),
    waits: await partsOf("sleeps", "\n"),
    secret: await readOrNothing(join(folder, "secret")),
  };
}

const readOrNothing = (path: string) => readFile(path, "utf8").catch(() => "");

async function executable(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}
