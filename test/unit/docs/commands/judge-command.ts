import { readSettings } from "../../../../shared/settings/read-settings.ts";
import { settingFields } from "../../../../shared/settings/settings-schema.ts";
import { isThere, outputs } from "./infra-names.ts";
import { judgeAz, judgeAzd } from "./judge-azure.ts";
import { type CurlContext, judgeCurl } from "./judge-curl.ts";
import { judgeNpm, judgeNpx } from "./judge-npm.ts";
import { judgeScript } from "./judge-script.ts";
import type { ShellCommand } from "./parse-shell.ts";

export interface JudgeContext extends CurlContext {
  /** Variables that the document has given a value before. */
  readonly assigned: ReadonlySet<string>;
}

/** What a reader has from elsewhere: the address that `npm start` prints. */
const givenToReader = ["TENANT"];

/** Programs that are not ours, exactly as documents use them. */
const foreign = ["jq", "rm settings.json", "openssl rand -base64 32", "func start"];

/** Everything that is wrong with a documented command; an unknown one is wrong until it is classified here. */
export async function judgeCommand(command: ShellCommand, context: JudgeContext): Promise<readonly string[]> {
  const { assignments, words, variables } = command;
  const known = [...outputs, ...Object.keys(settingFields), ...givenToReader, ...context.assigned];
  return [
    ...variables.filter((name) => !known.includes(name)).map((name) => `nothing gives $${name} a value`),
    ...(words.length === 0 ? judgeAssignments(assignments) : []),
    ...(words.length > 0 ? await judgeWords(words, context) : []),
  ];
}

async function judgeWords(words: readonly string[], context: CurlContext): Promise<readonly string[]> {
  const [program = "", ...rest] = words;
  if (foreign.includes(words.join(" "))) return [];
  // Takes in what another command prints, which is judged by itself.
  if (program === "eval" && rest.length === 1) return [];
  if (program === "npm") return judgeNpm(rest);
  if (program === "npx") return judgeNpx(rest);
  if (program === "az") return judgeAz(rest);
  if (program === "azd") return judgeAzd(rest);
  if (program === "curl") return judgeCurl(rest, context);
  if (program === "node") return judgeNode(rest);
  if (program === ".ci/run" || program.startsWith("infra/")) return judgeScript(program, rest, rest.length > 0);
  return [`${program} is not classified: teach test/unit/docs/commands what it may be given`];
}

/** Scripts of ours that take a folder to write; all others take nothing. */
const writers = ["test/fixtures/frozen/freeze.ts"];

function judgeNode([script = "", ...args]: readonly string[]): readonly string[] {
  const taken = writers.includes(script) ? 1 : 0;
  return isThere(script) && args.length === taken ? [] : [`node ${[script, ...args].join(" ")} is not classified`];
}

/** A line of nothing but app settings: the app takes it. A name in lower case is a variable of the reader's shell. */
function judgeAssignments(assignments: ShellCommand["assignments"]): readonly string[] {
  const settings = assignments.filter(([name]) => name === name.toUpperCase());
  const others = {
    AzureWebJobsStorage__accountName: "documented",
    CUTOFF_SECRET: "a secret of at least thirty-two characters",
  };
  const reading = readSettings({ ...others, ...Object.fromEntries(settings) });
  return [
    ...settings.filter(([name]) => !(name in settingFields)).map(([name]) => `there is no setting ${name}`),
    ...(reading.ok ? [] : reading.problems.map(({ setting, expected }) => `${setting}: expected ${expected}`)),
  ];
}
