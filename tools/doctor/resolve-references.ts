import type { RawSettings } from "../../shared/settings/settings.ts";

/**
 * Only App Service resolves references to Key Vault, and it lists the references unresolved (App Service docs: Use Key Vault references). To examine
 * such a list elsewhere, set the values in the environment under the settings' own names; no other variable of the environment is read.
 */
export const resolveReferences = (listed: RawSettings, environment: RawSettings): RawSettings =>
  Object.fromEntries(
    Object.entries(listed).map(([name, value]) => [
      name,
      value?.startsWith("@Microsoft.KeyVault(") ? (environment[name] ?? value) : value,
    ]),
  );
