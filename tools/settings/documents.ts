import { helpFor, settingGroups } from "../../shared/settings/definitions.ts";
import type { SettingHelp } from "../../shared/settings/fields.ts";

/** The files that follow from the definitions of the settings, by path. Each function takes the text of its file and returns it up to date. */
export const settingDocuments: Readonly<Record<string, (before: string) => string>> = {
  "docs/settings.md": (before) =>
    between(before, "<!-- settings:begin, written by npm run settings -->\n", "<!-- settings:end -->", tables()),
  "local.settings.json.example": () => `${JSON.stringify(localSettings(), null, 2)}\n`,
  "infra/app/settings.bicep": (before) => between(before, "type CutoffSettings = {\n", "}\n", each(bicepType)),
  "infra/main.bicepparam": (before) => between(before, "param settings = {\n", "}\n", each(bicepParameter)),
};

interface Definition extends SettingHelp {
  readonly name: string;
}

const groups = settingGroups.map(({ title, fields }) => ({ title, settings: Object.keys(fields).map(definitionOf) }));
const all = groups.flatMap(({ settings }) => settings);

function definitionOf(name: string): Definition {
  const help = helpFor(name);
  if (help === undefined) throw new Error(`${name} is not defined by required, optional or withDefault.`);
  return { name, ...help };
}

function tables(): string {
  const cells = (...texts: readonly string[]): string =>
    `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const sections = groups.map(({ title, settings }) => {
    const rows = settings.map(({ name, unset, meaning }) => cells(`\`${name}\``, unset, meaning));
    return [`## ${title}`, "", cells("setting", "default", "meaning"), cells("---", "---", "---"), ...rows].join("\n");
  });
  return `\n${sections.join("\n\n")}\n\n`;
}

/** The values that the Functions tools read on a developer's machine. The first is their own setting. */
function localSettings(): object {
  const values = all.flatMap(({ name, local }) => (local === null ? [] : [[name, local]]));
  return { IsEncrypted: false, Values: { FUNCTIONS_WORKER_RUNTIME: "node", ...Object.fromEntries(values) } };
}

/** The lines of every setting that the operator of a deployment chooses. */
const each = (line: (setting: Definition) => string): string =>
  all
    .filter(({ setBy }) => setBy === "operator")
    .map((setting) => `  ${line(setting)}\n`)
    .join("");

/** A parameter may be left empty unless every deployment needs a value of its own for it. */
function bicepType({ name, words, deployed }: Definition): string {
  if (words === null) return `${name}: string?`;
  const union = words.map((word) => `'${word}'`).join(" | ");
  return `${name}: ${deployed === "" ? `${union} | ''?` : union}`;
}

const bicepParameter = ({ name, deployed }: Definition): string =>
  `${name}: readEnvironmentVariable('${name}', '${deployed}')`;

/** The text with another part between the first `begin` and the next `end`. */
function between(text: string, begin: string, end: string, part: string): string {
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error(`There is no ${begin.trim()} and ${end.trim()}.`);
  return text.slice(0, from) + part + text.slice(to);
}
