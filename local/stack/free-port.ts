import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that Linux, macOS and Windows give to outgoing connections: one of those can be gone before the process listens. */
const firstPort = 20_000;
const ports = 12_000;

/** Processes that look at the same time begin at different ports. */
let next = (process.pid * 97) % ports;

/** A port on loopback that nobody listens on now, for a process that must know its own address before it listens; or the first of several `inARow`. */
export async function freePort(inARow = 1): Promise<number> {
  for (let left = ports; left > 0; left -= inARow) {
    const port = firstPort + next;
    next = (next + inARow) % ports;
    const free = await Promise.all(Array.from({ length: inARow }, (_, index) => isFree(port + index)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`Of the ports ${firstPort} to ${firstPort + ports - 1} no ${inARow} in a row are free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return false;
    throw error;
  }
  server.close();
  await once(server, "close");
  return true;
}
