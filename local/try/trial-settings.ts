import { access } from "node:fs/promises";
import { join } from "node:path";
import { addLocalSettings } from "../host/local-settings.ts";

/** The app cannot be tried like this; the message says what to do. */
export class TrialError extends Error {
  override readonly name = "TrialError";
  readonly code = "trialRefused";
}

/**
 * The settings of a trial: those of `local.settings.json`, under what the shell sets. This machine keeps the state, nobody on the internet reaches it,
 * and it cuts nobody: it may be closed at any time, and enforcing is for an app that is watched over.
 * @throws TrialError without that file, or when the mode is another than `reportOnly`; HostError when the file cannot be read
 */
export async function trialSettings(
  folder: string,
  shell: NodeJS.ProcessEnv,
  connectionString: string,
): Promise<NodeJS.ProcessEnv> {
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
  return { GRAPH_SUBSCRIPTIONS: "off", ...env, AzureWebJobsStorage: connectionString, CUTOFF_MODE: mode };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
