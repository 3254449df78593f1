import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Tenant } from "../tenant.ts";
import { type Answer, halfOf } from "./answer.ts";
import type { Call } from "./call.ts";
import { dispatch } from "./dispatch.ts";
import { readBody } from "./read-body.ts";

/** An HTTP server for the tenant that `current` returns at the time of each request. */
export function createTenantServer(current: () => Tenant, reset: () => void): Server {
  const server = createServer((request, response) => {
    respond(request, response, current, reset).catch((error: unknown) => {
      if (request.socket.destroyed) return; // the caller gave up and waits for nothing
      // A defect of the simulator, not a simulated failure: say so where the person at the terminal sees it.
      process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (response.headersSent) response.destroy();
      else send(current(), response, { status: 500, headers: {}, body: { error: { code: "SimulatorDefect" } } });
    });
  });
  // Longer than callers keep idle connections: else one closed just as it is used again looks like a fault nobody asked for.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  current: () => Tenant,
  reset: () => void,
): Promise<void> {
  const text = await readBody(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const call: Call = {
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`),
    headers,
    text,
    inBatch: false,
  };
  const tenant = current();
  const outcome = await dispatch(tenant, call, reset);
  if (outcome === "drop") {
    request.socket.destroy();
    return;
  }
  const asked = headers["client-request-id"];
  send(tenant, response, {
    ...outcome,
    headers: {
      "request-id": tenant.random.guid(),
      ...(asked ? { "client-request-id": asked } : {}),
      ...outcome.headers,
    },
  });
}

/** Sends an answer with the tenant's `Date`, which Node would otherwise set from this machine's clock. */
function send(tenant: Tenant, response: ServerResponse, { status, headers, body, isTruncated }: Answer): void {
  response.sendDate = false;
  response.writeHead(status, {
    "Content-Type": "application/json",
    Date: new Date(tenant.clock.now()).toUTCString(),
    "x-simulated": "true",
    ...headers,
  });
  response.end(body === undefined ? "" : isTruncated ? halfOf(body) : JSON.stringify(body));
}
