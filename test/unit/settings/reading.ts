import { formatProblems, readSettings } from "../../../shared/settings/read.ts";
import type { RawSettings, SettingProblem, Settings } from "../../../shared/settings/settings.ts";

export const jane = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
export const omar = "6ecd8c99-4036-403d-bf84-cf8400f67836";
export const storage = { AzureWebJobsStorage__accountName: "pimcutoff" };
export const CUTOFF_SECRET = "a secret of at least thirty-two characters";

/** The settings that these make, beside the two that every app must have. */
export function settingsOf(env: RawSettings): Settings {
  const reading = readSettings({ ...storage, CUTOFF_SECRET, ...env });
  if (!reading.ok) throw new Error(formatProblems(reading.problems));
  return reading.settings;
}

export function problemsOf(env: RawSettings): readonly SettingProblem[] {
  const reading = readSettings({ ...storage, CUTOFF_SECRET, ...env });
  return reading.ok ? [] : reading.problems;
}

export const namesOf = (env: RawSettings) => problemsOf(env).map(({ setting }) => setting);
