import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readArguments as readStory } from "../../../../local/story/read-arguments.ts";
import { readArguments as readDoctor } from "../../../../shared/doctor/read-arguments.ts";
import { readArguments as readReplay } from "../../../../shared/replay/read-arguments.ts";
import { tableOptions } from "../../../e2e/support/ends-table.ts";
import { options as simulateOptions } from "../../../simulation/options.ts";
import { isThere, root } from "./infra-names.ts";
import { placeholder } from "./parse-shell.ts";

const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);
const vitestConfig = await readFile(join(root, "vitest.config.ts"), "utf8");

/** Our own commands' own readers of arguments; each throws for what it does not take. */
const readers: Readonly<Record<string, (args: readonly string[]) => unknown>> = {
  start: readStory,
  doctor: readDoctor,
  replay: readReplay,
  simulate: (args) => parseArgs({ args: [...args], options: simulateOptions }),
  "table:ends": (args) => parseArgs({ args: [...args], options: tableOptions, allowPositionals: true }),
};

/** What documents write where the reader writes something of their own. */
const samples: Readonly<Record<string, string>> = {
  USER: placeholder(1),
  GROUP: placeholder(2),
  CLIENT_ID: placeholder(3),
  FILE: "settings.json",
  "FILE...": "audit.json",
  N: "5",
  S: "7",
};

export function judgeNpm(words: readonly string[]): readonly string[] {
  const [verb = "", ...rest] = words;
  const script = verb === "run" ? rest[0] : ["start", "test"].includes(verb) ? verb : undefined;
  if (script === undefined) return verb === "ci" && rest.length === 0 ? [] : [`npm ${verb} is not classified`];
  if (scripts[script] === undefined) return [`package.json has no script ${script}`];
  const after = verb === "run" ? rest.slice(1) : rest;
  const dashes = after.indexOf("--");
  const ofNpm = dashes === -1 ? after : after.slice(0, dashes);
  const args = dashes === -1 ? [] : after.slice(dashes + 1);
  return [
    ...ofNpm.filter((word) => word !== "--silent").map((word) => `npm itself would get ${word}: is a -- missing?`),
    ...(args.length === 0 ? [] : judgeArguments(script, args)),
  ];
}

function judgeArguments(script: string, args: readonly string[]): readonly string[] {
  const read = readers[script];
  if (read === undefined) return [`nothing is known of the arguments of npm run ${script}`];
  const missing = args.filter((word) => /^(test|docs)\//.test(word) && !isThere(word));
  try {
    read(args.map((word) => samples[word] ?? word));
  } catch (error) {
    return [error instanceof Error ? `npm run ${script}: ${error.message.split("\n")[0]}` : String(error)];
  }
  return missing.map((file) => `${file} is not there`);
}

/** Vitest alone, with a project of ours and a file of it. */
export function judgeNpx(words: readonly string[]): readonly string[] {
  const [tool, verb, project = "", file = "", ...more] = words;
  const name = /^--project=(.+)$/.exec(project)?.[1];
  if (tool !== "vitest" || verb !== "run" || name === undefined || more.length > 0)
    return [`npx ${words.join(" ")} is not classified`];
  return [
    ...(vitestConfig.includes(`name: "${name}"`) ? [] : [`vitest.config.ts has no project ${name}`]),
    ...(isThere(file) ? [] : [`${file} is not there`]),
  ];
}
