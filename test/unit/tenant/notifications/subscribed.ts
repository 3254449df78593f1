import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { TenantOptions } from "../../../../local/tenant/start-tenant.ts";
import { tenantForTest } from "../fixture.ts";

export interface Received {
  readonly url: URL;
  readonly contentType: string;
  readonly text: string;
}

type Echo = (token: string) => { status: number; contentType: string; text: string };
type Answering = (request: Received) => number | "never" | Promise<number | "never">;

/** An endpoint as the app would have one: it answers the handshake, and everything else as `answer` says (202). */
export async function endpointForTest() {
  const received: Received[] = [];
  let answer: Answering = () => 202;
  let echo: Echo | "never" = (token) => ({ status: 200, contentType: "text/plain", text: token });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const token = url.searchParams.get("validationToken");
    if (token !== null) {
      if (echo === "never") return;
      const { status, contentType, text } = echo(token);
      response.writeHead(status, { "Content-Type": contentType }).end(text);
      return;
    }
    const arrived = { url, contentType: request.headers["content-type"] ?? "", text: Buffer.concat(chunks).toString() };
    received.push(arrived);
    const status = await answer(arrived);
    if (status !== "never") response.writeHead(status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the endpoint has no port");
  return {
    url: `http://127.0.0.1:${address.port}/api/graph/notifications`,
    lifecycleUrl: `http://127.0.0.1:${address.port}/api/graph/lifecycle`,
    received,
    close,
    /** From now on. */
    answerWith(next: Answering) {
      answer = next;
    },
    echoWith(next: Echo | "never") {
      echo = next;
    },
  };
}

export const notificationSchema = z.looseObject({
  subscriptionId: z.string(),
  clientState: z.string(),
  changeType: z.string().optional(),
  resource: z.string().optional(),
  resourceData: z.looseObject({ id: z.string() }).optional(),
  lifecycleEvent: z.string().optional(),
});
const collection = z.object({ value: z.array(notificationSchema), validationTokens: z.array(z.string()).optional() });

/** The notifications in what an endpoint received. */
export const itemsOf = (received: readonly Received[]) =>
  received.flatMap(({ text }) => collection.parse(JSON.parse(text)).value);

export const inMinutes = (now: string, minutes: number) => new Date(Date.parse(now) + minutes * 60_000).toISOString();

/** A tenant with a group and its member Jane, an endpoint, and Graph's subscriptions at hand. Time stands still. */
export async function subscribedTenant(options: TenantOptions = {}) {
  const [world, endpoint] = await Promise.all([tenantForTest(options), endpointForTest()]);
  const { control } = world;
  const { id: jane } = await control.createUser({ name: "jane" });
  const { id: group } = await control.createGroup({ name: "admins", isAssignableToRole: true });
  await control.addMember(group, jane);

  const send = async (method: string, path: string, body?: unknown, token?: string) => {
    const authorization = `Bearer ${token ?? (await world.token())}`;
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { "Content-Type": "application/json", authorization };
    const response = await fetch(`${world.tenant.url}/v1.0${path}`, { method, headers, ...init });
    const text = await response.text();
    const parsed = z.looseObject({ id: z.string().optional() }).parse(text === "" ? {} : JSON.parse(text));
    return { status: response.status, body: parsed };
  };
  const wanted = async (over: Record<string, unknown> = {}) => ({
    resource: `groups/${group}/members`,
    changeType: "updated",
    notificationUrl: endpoint.url,
    lifecycleNotificationUrl: endpoint.lifecycleUrl,
    clientState: "secret",
    expirationDateTime: inMinutes((await control.clock()).now, 41_000),
    ...over,
  });
  const subscribe = async (over: Record<string, unknown> = {}) => send("POST", "/subscriptions", await wanted(over));
  /** A subscription that must succeed; its id. */
  const subscribed = async (over: Record<string, unknown> = {}) => {
    const { status, body } = await subscribe(over);
    if (status !== 201 || body.id === undefined) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
    return body.id;
  };
  const pass = (jumpMs: number) => control.setClock({ jumpMs });
  /** The `count`th event of that name. */
  const seen = (event: string, count = 1) => {
    let left = count;
    const isIt = (one: { event: string }) => {
      if (one.event === event) left -= 1;
      return left === 0;
    };
    return control.waitFor(isIt, { timeoutMs: 5000 });
  };
  return { ...world, endpoint, jane, group, send, wanted, subscribe, subscribed, pass, seen };
}
