import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

export interface RunningProxy extends AsyncDisposable {
  readonly url: string;
}

/** Answers a call in place of what is behind the proxy and says so, or leaves it alone. */
export type StandIn = (
  call: { readonly method: string; readonly url: string; readonly body: Buffer },
  response: ServerResponse,
) => boolean;

/** A proxy before the whole tenant (Graph, identity, ingestion) or a service of storage: what `standIn` leaves alone is answered as they answer. */
export async function startProxy(origin: string, standIn: StandIn): Promise<RunningProxy> {
  const server = createServer(async (incoming, response) => {
    const { method = "GET", url = "/" } = incoming;
    const body = await buffer(incoming);
    if (!standIn({ method, url, body }, response)) await forward(incoming, body, new URL(url, origin), response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function forward({ method, headers }: IncomingMessage, body: Buffer, to: URL, response: ServerResponse) {
  try {
    const forwarded = send(to, { method, headers }).end(body);
    const [answer] = await once(forwarded, "response");
    response.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer, response);
  } catch {
    // What is behind us is gone, and the app is to see just that.
    response.destroy();
  }
}
