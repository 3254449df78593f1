import { z } from "zod";
import { goneSettings, misspeltSettings } from "./misspelt-settings.ts";
import { settingHelp } from "./setting-help.ts";
import type { SettingProblem } from "./setting-problem.ts";
import { type RawSettings, settingRelations } from "./setting-relations.ts";
import type { Settings } from "./settings.ts";
import { settingFields, settingsSchema } from "./settings-schema.ts";
import { toSettings } from "./to-settings.ts";

export type SettingsReading =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** Reads the app settings and reports everything that is wrong with them at once. An empty setting counts as missing. */
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

const helpOf = new Map(Object.entries(settingFields).map(([name, field]) => [name, settingHelp.get(field)]));
const custom = z.object({ params: z.object({ found: z.string() }) });

function toProblem(issue: z.core.$ZodIssue, raw: RawSettings): SettingProblem {
  const setting = String(issue.path[0]);
  const { expected = "", example = "", shown = false } = helpOf.get(setting) ?? {};
  const found = custom.safeParse(issue).data?.params.found ?? describe(raw[setting], shown);
  return { setting, found, expected, example };
}

function describe(value: string | undefined, shown: boolean): string {
  if (value === undefined) return "nothing";
  return shown && value.length <= 20 ? JSON.stringify(value) : `a value of ${value.length} characters`;
}
