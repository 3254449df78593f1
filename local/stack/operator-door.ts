import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { RunningHost } from "./start-stack.ts";

/** The host's addresses for somebody who has signed in as an operator. */
export interface OperatorDoor {
  /** Such as `http://127.0.0.1:7072`, on which `/api/status` is the status page. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a browser says that the app judges an order by, and what the answer says of its content. */
const passedIn = ["accept", "content-type", "sec-fetch-site"];
const passedOut = ["cache-control", "content-security-policy", "content-type", "referrer-policy", "vary"];

/**
 * What App Service authentication is in Azure, for this machine: a browser sends no token and no key of its own, so each request to the host gets
 * those of a simulated operator. On loopback only, before a simulated tenant only.
 * @param signIn resolves to an access token of an operator
 */
export async function openOperatorDoor(
  { url, functionKey }: Pick<RunningHost, "url" | "functionKey">,
  signIn: () => Promise<string>,
): Promise<OperatorDoor> {
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers: given } = incoming;
    // The key goes to the host and nowhere else: a path that begins otherwise could name another.
    if (!path.startsWith("/api/")) return void outgoing.writeHead(404).end();
    const body = method === "GET" || method === "HEAD" ? null : await buffer(incoming);
    const headers = new Headers({ "x-functions-key": functionKey, authorization: `Bearer ${await signIn()}` });
    for (const name of passedIn) {
      const value = given[name];
      if (typeof value === "string") headers.set(name, value);
    }
    const answer = await fetch(`${url}${path}`, { method, headers, body, redirect: "manual" });
    const content = Buffer.from(await answer.arrayBuffer());
    const passed = [...answer.headers].filter(([name]) => passedOut.includes(name));
    outgoing.writeHead(answer.status, Object.fromEntries(passed)).end(content);
  }

  const server = createServer((incoming, outgoing) => {
    // The host is going or gone.
    pass(incoming, outgoing).catch(() => void outgoing.writeHead(502).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The operator's door has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
