import { HostError } from "./host-error.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Replaces each `%NAME%` by the app setting of that name (Azure docs: functions-bindings-expressions-patterns). */
export function resolveSettings(text: string, env: Env): string {
  return text.replaceAll(/%([^%]+)%/g, (whole, name: string) => {
    const value = env[name];
    if (value === undefined) {
      throw new HostError("settingMissing", `'${whole}' does not resolve to a value: add the app setting ${name}.`);
    }
    return value;
  });
}

/**
 * The storage connection string behind a trigger's `connection`: setting `AzureWebJobs<name>` or `<name>`.
 * @throws HostError `settingMissing`; identity-based connections (`<name>__accountName`) need Azure and are not served here.
 */
export function storageConnectionString(env: Env, connection?: string): string {
  const name = connection || "AzureWebJobsStorage";
  const value = env[`AzureWebJobs${name}`] ?? env[name];
  if (!value) {
    throw new HostError(
      "settingMissing",
      `Storage account connection string '${name}' does not exist: add it as an app setting.`,
    );
  }
  return value;
}
