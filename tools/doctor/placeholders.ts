import { helpFor } from "../../shared/settings/definitions.ts";
import type { RawSettings } from "../../shared/settings/settings.ts";

/** The values that a copy of `local.settings.json.example` must change; the other values in it can stay. */
const toFillIn = ["CUTOFF_SECRET", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

/** The names of the settings that still have the value of the example file. */
export const leftPlaceholders = (raw: RawSettings): readonly string[] =>
  toFillIn.filter((name) => raw[name] !== undefined && raw[name].trim() === helpFor(name)?.local);
