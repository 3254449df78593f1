import { readFile } from "node:fs/promises";
import { z } from "zod";
import { helpFor, settingFields, settingsSchema } from "./definitions.ts";
import { goneSettings, misspeltSettings } from "./misspelt.ts";
import { settingRelations } from "./relations.ts";
import type { RawSettings, SettingProblem, SettingsReading } from "./settings.ts";
import { toSettings } from "./to-settings.ts";

/**
 * Reads the app settings; throws nothing and reports all their problems at once. An empty setting counts as missing, blanks around
 * a value do not count, and settings of the platform and of other programs are passed over.
 */
export function readSettings(env: RawSettings): SettingsReading {
  const raw = withoutBlanks(env);
  const parsed = settingsSchema.safeParse(raw);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => toProblem(issue, raw)),
    ...settingRelations(raw),
    ...goneSettings(raw),
    ...misspeltSettings(raw, Object.keys(settingFields)),
  ];
  return parsed.success && problems.length === 0
    ? { ok: true, settings: toSettings(parsed.data) }
    : { ok: false, problems };
}

const withoutBlanks = (env: RawSettings): RawSettings =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));

const custom = z.object({ params: z.object({ found: z.string() }) });

function toProblem(issue: z.core.$ZodIssue, raw: RawSettings): SettingProblem {
  const setting = String(issue.path[0]);
  const { expected = "", example = "", shown = false } = helpFor(setting) ?? {};
  const found = custom.safeParse(issue).data?.params.found ?? describe(raw[setting], shown);
  return { setting, found, expected, example };
}

function describe(value: string | undefined, shown: boolean): string {
  if (value === undefined) return "nothing";
  return shown && value.length <= 20 ? JSON.stringify(value) : `a value of ${value.length} characters`;
}

/** The problems as a text for people: one line each. */
export function formatProblems(problems: readonly SettingProblem[]): string {
  const count = problems.length === 1 ? "One problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ setting, found, expected, example }) =>
      `  ${setting}: found ${found}; expected ${expected} (example: ${example})`,
  );
  return [`${count} with the app settings. Nothing is watched until this is put right:`, ...lines].join("\n");
}

/** The environment of this process. No other code reads `process.env`. */
export const processEnvironment = (): RawSettings => process.env;

/** The settings of this process. */
export const readProcessSettings = (): SettingsReading => readSettings(processEnvironment());

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
