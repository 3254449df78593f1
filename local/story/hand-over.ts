import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appSettings, type Stack } from "../stack/start-stack.ts";
import { say, title } from "./print.ts";

export interface HandedOver {
  /** Origin at which a browser is an operator. */
  readonly door: string;
  /** For whoever calls the app without that door. */
  readonly operatorToken: string;
  /** Where keys, tokens and the app's settings are written to: none of them is said. */
  readonly folder: string;
}

/** The story is over and everything runs on: prints what to try. */
export async function handOver(
  { host, tenant, azurite }: Stack,
  settings: Readonly<Record<string, string>>,
  { door, operatorToken, folder }: HandedOver,
): Promise<void> {
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const { connectionString } = azurite;
  const values = appSettings({ tenant, connectionString, settings });
  const settingsFile = await write("settings.json", `${JSON.stringify({ Values: values }, null, 2)}\n`);
  const identity = Object.entries(tenant.identity).map(([name, value]) => `${name}=${value}\n`);
  const identityFile = await write("identity.env", identity.join(""));
  const key = `x-functions-key: ${host.functionKey}\n`;
  const keyFile = await write("function-key.txt", key);
  const operatorFile = await write("operator.txt", `${key}authorization: Bearer ${operatorToken}\n`);
  title("It keeps running until Ctrl-C");
  say(null, `${door}/api/status is the status page; as JSON: curl ${door}/api/status -H 'accept: application/json'`);
  say(null, `curl ${host.url}/api/live -i`);
  say(null, `curl ${host.url}/api/health -H @${keyFile}`);
  say(null, `env $(cat ${identityFile}) npm run doctor -- --settings ${settingsFile}`);
  say(null, `the simulated tenant is at ${tenant.url}; what it saw: curl ${tenant.url}/simulator/history`);
  say(null, "to call the app as an operator yourself; the file holds a key, and a token that is good for an hour:");
  say(null, `curl ${host.url}/api/status -H @${operatorFile}`, "dim");
}
