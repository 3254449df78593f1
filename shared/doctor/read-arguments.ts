import { parseArgs } from "node:util";

export const help = `npm run doctor -- [--settings FILE] [--json]

Looks at everything that the app needs, under the identity that its settings name, and says what is wrong, why it matters and how to mend it.
It reads only. Exit code 0: nothing bad; 1: something is bad; 2: the arguments are.

  --settings FILE  app settings: local.settings.json, or what this prints:
                   az functionapp config appsettings list --name APP --resource-group GROUP
                   Without it the settings are those of the environment.
  --json           the findings as JSON, for scripts
`;

export interface Arguments {
  readonly settingsFile: string | null;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws TypeError of `parseArgs` that names the argument */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: { settings: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  return { settingsFile: values.settings ?? null, json: values.json ?? false, help: values.help ?? false };
}
