import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { addLocalSettings } from "../host/local-settings.ts";

/** The app cannot be tried like this; the message says what to do. */
export class TrialError extends Error {
  override readonly name = "TrialError";
  readonly code = "trialRefused";
}

/**
 * The settings of a trial, but for its storage: those of `local.settings.json`, under what the shell sets. Nobody on the internet reaches it, and it
 * cuts nobody: it may be closed at any time, and enforcing is for an app that is watched over.
 * @throws TrialError without that file, with placeholders in it, or when the mode is another than `reportOnly`; HostError when the file cannot be read
 */
export async function trialSettings(folder: string, shell: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...shell };
  if (!(await isThere(join(folder, "local.settings.json")))) {
    throw new TrialError(
      "There is no local.settings.json. Copy local.settings.json.example to it and fill it in: docs/deploy.md, On your own machine first.",
    );
  }
  await addLocalSettings(folder, env);
  const { CUTOFF_MODE: mode = "reportOnly" } = env;
  if (mode !== "reportOnly") {
    throw new TrialError(`CUTOFF_MODE is ${mode}. Here only reportOnly is run: deploy the app to enforce.`);
  }
  const copied = await leftPlaceholders(env);
  if (copied.length > 0) {
    throw new TrialError(
      `local.settings.json still has the placeholders of local.settings.json.example in ${copied.join(", ")}: fill them in as docs/deploy.md says, On your own machine first.`,
    );
  }
  return { GRAPH_SUBSCRIPTIONS: "off", ...env, CUTOFF_MODE: mode };
}

/** What a copy of the example must change; the other values in it are good as they are. */
const toFillIn = ["CUTOFF_SECRET", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

const exampleFile = new URL("../../local.settings.json.example", import.meta.url);
const settingsFile = z.object({ Values: z.record(z.string(), z.string()) });

async function leftPlaceholders(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { Values: example } = settingsFile.parse(JSON.parse(await readFile(exampleFile, "utf8")));
  return toFillIn.filter((name) => env[name] !== undefined && env[name].trim() === example[name]);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
