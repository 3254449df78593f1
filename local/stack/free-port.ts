import { once } from "node:events";
import { createServer } from "node:net";

/** A port on loopback that nobody listens on now, for a process that must know its own address before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The server had no TCP port.");
  return address.port;
}
