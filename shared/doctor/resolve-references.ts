import type { RawSettings } from "../settings/settings.ts";

/**
 * App Service alone resolves references to Key Vault, and lists them as they are (App Service docs: Use Key Vault references). Whoever examines such a
 * list elsewhere has the values in the environment, under the settings' own names; nothing else of the environment counts.
 */
export const resolveReferences = (listed: RawSettings, environment: RawSettings): RawSettings =>
  Object.fromEntries(
    Object.entries(listed).map(([name, value]) => [
      name,
      value?.startsWith("@Microsoft.KeyVault(") ? (environment[name] ?? value) : value,
    ]),
  );
