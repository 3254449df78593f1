import { readSettings, type SettingsReading } from "./read-settings.ts";

/** The settings of this process. Nothing else in the app reads `process.env`. */
export const readProcessSettings = (): SettingsReading => readSettings(process.env);
