import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { RawSettings } from "./setting-relations.ts";

const localSettings = z.object({ Values: z.record(z.string(), z.string()) });
const listed = z.array(z.object({ name: z.string(), value: z.string().nullable() }));

/** A file of app settings that cannot be read; its message names the file and never its content. */
export class SettingsFileError extends Error {
  readonly code = "SETTINGS_FILE_UNREADABLE";
}

/**
 * App settings of a file: `local.settings.json` of the Functions tools, or the list that the Azure CLI prints.
 * @throws SettingsFileError
 */
export async function readSettingsFile(path: string): Promise<RawSettings> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new SettingsFileError(`${path} cannot be read (${"code" in error ? error.code : error.name}).`);
  });
  const parsed = z.union([localSettings, listed]).safeParse(parse(text));
  if (!parsed.success) {
    throw new SettingsFileError(
      `${path} holds no app settings: expected local.settings.json, or the output of az functionapp config appsettings list.`,
    );
  }
  return Array.isArray(parsed.data)
    ? Object.fromEntries(parsed.data.map(({ name, value }) => [name, value ?? undefined]))
    : parsed.data.Values;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
