import { writeFile } from "node:fs/promises";
import { appSettings, type Stack } from "../stack/start-stack.ts";
import { say, title } from "./print.ts";

export interface HandedOver {
  /** Origin at which a browser is an operator. */
  readonly door: string;
  /** For whoever calls the app without that door. */
  readonly operatorToken: string;
  /** Where the app's settings are written to, for the doctor. */
  readonly settingsFile: string;
}

/** The story is over and everything runs on: tells what to try. */
export async function handOver(
  { host, tenant, azurite }: Stack,
  settings: Readonly<Record<string, string>>,
  { door, operatorToken, settingsFile }: HandedOver,
): Promise<void> {
  const { connectionString } = azurite;
  await writeFile(
    settingsFile,
    `${JSON.stringify({ Values: appSettings({ tenant, connectionString, settings }) }, null, 2)}\n`,
  );
  const identity = Object.entries(tenant.identity).map(([name, value]) => `${name}=${value}`);
  title("It keeps running until Ctrl-C");
  say(null, `${door}/api/status is the status page; as JSON: curl ${door}/api/status -H 'accept: application/json'`);
  say(null, `curl ${host.url}/api/live -i`);
  say(null, `curl ${host.url}/api/health -H 'x-functions-key: ${host.functionKey}'`);
  say(null, `${identity.join(" ")} npm run doctor -- --settings ${settingsFile}`);
  say(null, `the simulated tenant is at ${tenant.url}; what it saw: curl ${tenant.url}/simulator/history`);
  say(null, "an operator's call without the door, with a key and a token that holds for an hour:");
  const headers = `-H 'x-functions-key: ${host.functionKey}' -H 'authorization: Bearer ${operatorToken}'`;
  say(null, `curl ${host.url}/api/status ${headers}`, "dim");
}
