import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { canaries } from "../../fixtures/canaries.ts";

export interface LeakyProxy extends AsyncDisposable {
  readonly url: string;
  /** How often each endpoint, its ids left out, was answered with canaries. */
  readonly leaked: ReadonlyMap<string, number>;
}

/** An answer of Graph's kind that says everything that nobody may be told, in every place of it. */
const body = JSON.stringify({
  error: {
    code: canaries.token,
    message: `${canaries.name} with ${canaries.mail}: Bearer ${canaries.token}, ${canaries.clientState}, ${canaries.json}`,
    innerError: { "request-id": canaries.mail, userPrincipalName: canaries.mail, body: canaries.json },
  },
  error_description: `${canaries.name} ${canaries.token} ${canaries.connectionString}`,
  [canaries.name]: canaries,
});

const headers = {
  "Content-Type": "application/json",
  "request-id": canaries.mail,
  "client-request-id": canaries.clientState,
  "x-ms-throttle-limit-percentage": canaries.clientState,
  "WWW-Authenticate": `Bearer realm="${canaries.mail}", token="${canaries.token}"`,
};

/** An audit log of which the first row is none, with canaries for names of its fields and in each of them. */
const brokenRows = JSON.stringify({
  value: [{ id: canaries.mail, activityDisplayName: "", [canaries.name]: canaries, targetResources: [canaries] }],
});

const endpointOf = (method: string, url: string): string =>
  `${method} ${url.split("?")[0]?.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}")}`;

/**
 * A proxy before the whole tenant (Graph, identity, ingestion). The first calls of every endpoint are answered with these statuses and with
 * canaries, later ones as the tenant answers.
 */
export async function startLeakyProxy(
  tenantUrl: string,
  statusesOf: (endpoint: string) => readonly number[],
): Promise<LeakyProxy> {
  const leaked = new Map<string, number>();
  const server = createServer(async (incoming, response) => {
    const { method = "GET", url = "/", headers: given } = incoming;
    const sent = await buffer(incoming);
    const endpoint = endpointOf(method, url);
    const count = leaked.get(endpoint) ?? 0;
    const status = statusesOf(endpoint)[count];
    if (status !== undefined) {
      leaked.set(endpoint, count + 1);
      const date = new Date().toUTCString();
      const isLog = status === 200 && endpoint.endsWith("/directoryAudits");
      response.writeHead(status, { ...headers, Date: date }).end(isLog ? brokenRows : body);
      return;
    }
    try {
      const forwarded = send(new URL(url, tenantUrl), { method, headers: given }).end(sent);
      const [answer] = await once(forwarded, "response");
      response.writeHead(answer.statusCode, answer.headers);
      await pipeline(answer, response);
    } catch {
      response.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    leaked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
