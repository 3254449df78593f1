import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HostError } from "./host-error.ts";

const localSettings = z.object({
  IsEncrypted: z.literal(false).optional(),
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
});

/**
 * Adds the `Values` of `local.settings.json`, where the app has one, to `env`. What `env` already holds stays, as in Core Tools.
 * @throws HostError `localSettingsInvalid`; the message names settings, never their values.
 */
export async function addLocalSettings(appDirectory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const text = await readIfThere(join(appDirectory, "local.settings.json"));
  if (text === undefined) return;
  const parsed = localSettings.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new HostError("localSettingsInvalid", `local.settings.json: ${z.prettifyError(parsed.error)}`);
  }
  for (const [name, value] of Object.entries(parsed.data.Values)) env[name] ??= value;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text may hold secrets.
    throw new HostError("localSettingsInvalid", "local.settings.json is not JSON: correct or remove it.");
  }
}
