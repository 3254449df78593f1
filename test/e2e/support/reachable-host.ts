import type { LoggingHost, World } from "./world.ts";

/** A host that the tenant can send notifications to. */
export function startReachableHost(
  world: World,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<LoggingHost> {
  return world.startHost({ NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}`, ...settings }, world.tenant, port);
}
