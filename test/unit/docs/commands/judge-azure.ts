import { azdVariables, isThere, outputs, parametersOf } from "./infra-names.ts";

/** Each command of the Azure CLI that a document names, with the options that it takes (Azure CLI reference); a new one is looked up and added. */
const az: Readonly<Record<string, readonly string[]>> = {
  login: [],
  "cloud set": ["--name"],
  "account set": ["--subscription"],
  "bicep build": ["--file"],
  "deployment sub create": ["--name", "--location", "--parameters", "--template-file"],
  "deployment sub show": ["--name", "--query"],
  "deployment tenant create": ["--name", "--location", "--parameters", "--template-file"],
  "functionapp config appsettings list": ["--name", "--resource-group"],
  "functionapp keys list": ["--name", "--resource-group", "--query", "--output"],
  "vm identity assign": [],
  "ad app create": ["--display-name", "--query", "--output"],
  "ad app credential reset": ["--id", "--query", "--output"],
  "ad app delete": ["--id"],
  "ad sp create": ["--id", "--query", "--output"],
  "ad sp show": ["--id", "--query", "--output"],
  "ad group member remove": ["--group", "--member-id"],
  "keyvault secret show": ["--vault-name", "--name", "--query", "--output"],
  "ad signed-in-user show": ["--query", "--output"],
  "account get-access-token": ["--resource", "--query", "--output"],
};

export async function judgeAz(words: readonly string[]): Promise<readonly string[]> {
  const first = words.findIndex((word) => word.startsWith("-"));
  const name = words.slice(0, first === -1 ? words.length : first).join(" ");
  const taken = az[name];
  if (taken === undefined) return [`az ${name} is not classified`];
  const given = words.slice(name === "" ? 0 : name.split(" ").length);
  const options = given.filter((word) => word.startsWith("-"));
  const files = given.filter((word) => /^infra\//.test(word));
  return [
    ...options.filter((option) => !taken.includes(option)).map((option) => `az ${name} is not known to take ${option}`),
    ...files.filter((file) => !isThere(file)).map((file) => `${file} is not there`),
    ...(options.includes("--parameters") && files.every(isThere) ? await judgeParameters(given, files) : []),
  ];
}

/** `--parameters NAME=value`, by the template that the same command names. */
async function judgeParameters(given: readonly string[], files: readonly string[]): Promise<readonly string[]> {
  const chosen = files.find((file) => file.endsWith(".bicepparam"));
  const template = chosen?.replace(/param$/, "") ?? files[0];
  if (template === undefined) return ["no template is named"];
  const { known, needed } = await parametersOf(template);
  const names = given.flatMap((word) => /^([a-z]\w*)=/.exec(word)?.[1] ?? []);
  return [
    ...names.filter((name) => !known.includes(name)).map((name) => `${template} has no parameter ${name}`),
    ...(chosen === undefined ? needed : [])
      .filter((name) => !names.includes(name))
      .map((name) => `${template} needs the parameter ${name}`),
  ];
}

/** By the parameters and outputs of our templates; the commands themselves by the reference of the Azure Developer CLI. */
export function judgeAzd(words: readonly string[]): readonly string[] {
  const [first = "", second = "", name = "", value] = words;
  const command = first === "env" || first === "auth" ? `${first} ${second}` : first;
  if (["up", "down", "provision", "auth login", "env new", "env get-values"].includes(command)) return [];
  if (command === "env set") {
    return [
      ...(azdVariables.includes(name) ? [] : [`infra/main.bicepparam reads no ${name}`]),
      ...(value === undefined ? ["azd env set takes a name and a value"] : []),
    ];
  }
  if (command === "env get-value") return outputs.includes(name) ? [] : [`infra/main.bicep has no output ${name}`];
  return [`azd ${command} is not classified`];
}
