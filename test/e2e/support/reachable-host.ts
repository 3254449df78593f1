import { once } from "node:events";
import { createServer } from "node:net";
import type { LoggingHost, World } from "./world.ts";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no TCP port.");
  server.close();
  await once(server, "close");
  return address.port;
}

/** A host that the tenant can send notifications to. */
export function startReachableHost(
  world: World,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<LoggingHost> {
  return world.startHost({ NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}`, ...settings }, world.tenant, port);
}
