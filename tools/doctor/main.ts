// npm run doctor: finds the problems of a deployment and says why they matter and how to solve them.

import { styleText } from "node:util";
import { processEnvironment, readSettings, readSettingsFile, SettingsFileError } from "../../shared/settings/read.ts";
import type { RawSettings } from "../../shared/settings/settings.ts";
import { plain, plainJson } from "../plain.ts";
import { badSettings } from "./checks/settings.ts";
import { examine } from "./examine.ts";
import { countStates, type Finding, isWell } from "./finding.ts";
import { onlyLive } from "./only-live.ts";
import { proveExposure } from "./prove-exposure.ts";
import { ArgumentError, type Arguments, help, readArguments } from "./read-arguments.ts";
import { reportExposure } from "./report-exposure.ts";
import { reportText } from "./report-text.ts";
import { resolveReferences } from "./resolve-references.ts";

const colours = { good: "green", warning: "yellow", bad: "red", unknown: "dim", notLookedAt: "dim" } as const;
const paint = (state: Finding["state"], text: string): string =>
  styleText(colours[state], text, { stream: process.stdout });

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof ArgumentError || error instanceof SettingsFileError)) throw error;
  console.error(error instanceof ArgumentError ? `${plain(error.message)}\n\n${help}` : plain(error.message));
  return 2;
});

async function main(args: readonly string[]): Promise<number> {
  const given = readArguments(args);
  if (given.help) {
    console.log(help);
    return 0;
  }
  // Variables that @azure/identity reads itself stay in the environment of the process.
  const environment = processEnvironment();
  const raw =
    given.settingsFile === null
      ? environment
      : resolveReferences(await readSettingsFile(given.settingsFile), environment);
  if (given.proveExposure !== null) return exposure(given, given.proveExposure, raw);
  const findings = await examine(raw, { testUser: given.prove, canary: given.canary, sendTest: given.sendTest });
  const isElsewhere = given.settingsFile === null && !given.json && !readSettings(raw).ok;
  if (isElsewhere)
    console.log(
      "These are the settings of the environment. For those of a file: npm run doctor -- --settings FILE (--help)\n",
    );
  const json = () => plainJson(JSON.stringify({ findings, counts: countStates(findings), onlyLive }, null, 2));
  console.log(given.json ? json() : reportText(findings, paint));
  return isWell(findings) ? 0 : 1;
}

async function exposure(given: Arguments, clientId: string, raw: RawSettings): Promise<number> {
  const reading = readSettings(raw);
  const tenantId = raw.AZURE_TENANT_ID;
  if (!reading.ok) {
    console.log(reportText(badSettings(reading.problems), paint));
    return 1;
  }
  if (tenantId === undefined) throw new ArgumentError("--prove-exposure needs AZURE_TENANT_ID among the settings");
  const { graph } = reading.settings;
  const { urls, minutes, json } = given;
  const say = (line: string) => console.error(plain(line));
  const exposures = await proveExposure({ graph, tenantId, clientId, urls, minutes, say });
  console.log(json ? plainJson(JSON.stringify({ exposures }, null, 2)) : reportExposure(exposures));
  return 0;
}
