import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

export interface SpoilingProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on every batch that is about this principal is answered with `body`, status 200. */
  spoil(principalId: string, body: string): void;
  /** Graph answers as it should again. */
  heal(): void;
}

/** A proxy before the tenant that answers rubbish when told to: a Graph that does not keep its promises. */
export async function startSpoilingProxy(tenantUrl: string): Promise<SpoilingProxy> {
  const rubbish = new Map<string, string>();

  const server = createServer(async (incoming, response) => {
    const { method, url = "/", headers } = incoming;
    const body = await buffer(incoming);
    const spoilt = [...rubbish].find(([principalId]) => url === "/v1.0/$batch" && body.includes(principalId));
    if (spoilt !== undefined) {
      response.writeHead(200, { "Content-Type": "application/json" }).end(spoilt[1]);
      return;
    }
    try {
      const forwarded = send(new URL(url, tenantUrl), { method, headers }).end(body);
      const [answer] = await once(forwarded, "response");
      response.writeHead(answer.statusCode, answer.headers);
      await pipeline(answer, response);
    } catch {
      // The tenant is gone, and the app is to see just that.
      response.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    spoil: (principalId, body) => rubbish.set(principalId, body),
    heal: () => rubbish.clear(),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
