import { readSettings, type SettingsReading } from "./read-settings.ts";
import type { RawSettings } from "./setting-relations.ts";

/** The environment of this process. Nothing else reads `process.env`. */
export const processEnvironment = (): RawSettings => process.env;

/** The settings of this process. */
export const readProcessSettings = (): SettingsReading => readSettings(processEnvironment());
