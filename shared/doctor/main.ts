// npm run doctor: what is wrong with a deployment, why it matters, and how to mend it.
import { styleText } from "node:util";
import { processEnvironment } from "../settings/read-process-settings.ts";
import { readSettingsFile, SettingsFileError } from "../settings/read-settings-file.ts";
import { examine } from "./examine.ts";
import { type Finding, isWell } from "./finding.ts";
import { type Arguments, help, readArguments } from "./read-arguments.ts";
import { onlyLive, reportText } from "./report-text.ts";

const colours = { good: "green", warning: "yellow", bad: "red", unknown: "dim" } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let given: Arguments;
  try {
    given = readArguments(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${help}`);
    return 2;
  }
  if (given.help) {
    console.log(help);
    return 0;
  }
  try {
    // What @azure/identity reads of the environment itself stays there.
    const raw = given.settingsFile === null ? processEnvironment() : await readSettingsFile(given.settingsFile);
    const findings = await examine(raw);
    const paint = (state: Finding["state"], text: string) =>
      styleText(colours[state], text, { stream: process.stdout });
    console.log(given.json ? JSON.stringify({ findings, onlyLive }, null, 2) : reportText(findings, paint));
    return isWell(findings) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SettingsFileError)) throw error;
    console.error(error.message);
    return 2;
  }
}
