import { createServer } from "node:http";
import { type HostRequest, type HostResponse, readRequest, writeResponse } from "./http-message.ts";
import { describeError, type Log } from "./log.ts";

export interface HttpServer {
  /** Such as `http://127.0.0.1:7071`. */
  readonly url: string;
  /** Accepts no further request; resolves when the open ones are answered. */
  close(): Promise<void>;
}

/** Listens on loopback; `port` 0 takes any free one. Rejects when the port is taken. */
export async function startHttpServer(
  port: number,
  customHeaders: Record<string, string>,
  answer: (request: HostRequest) => HostResponse | Promise<HostResponse>,
  log: Log,
): Promise<HttpServer> {
  /** What the function has not set itself, whatever the case of its letters. */
  const missingIn = (headers: Record<string, string> = {}) => {
    const own = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
    return Object.fromEntries(Object.entries(customHeaders).filter(([name]) => !own.has(name.toLowerCase())));
  };
  let url = "";
  let closing = false;
  const server = createServer((incoming, outgoing) => {
    // A kept-alive connection may still bring requests while the host drains.
    if (closing) return writeResponse(outgoing, { status: 503, headers: { connection: "close" } });
    respond().catch((error) => {
      log("error", `A request could not be answered: ${describeError(error)}`);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    });

    async function respond(): Promise<void> {
      const response = await answer(await readRequest(incoming, url));
      writeResponse(outgoing, { ...response, headers: { ...missingIn(response.headers), ...response.headers } });
      // So that the connection does not outlive the drain.
      if (closing) outgoing.once("finish", () => server.closeIdleConnections());
    }
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The HTTP server has no port.");
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    close: () =>
      new Promise((resolve, reject) => {
        closing = true;
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
