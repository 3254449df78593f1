import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OperatorDoor, openOperatorDoor } from "../../../local/stack/operator-door.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const seen: Seen[] = [];
const host = createServer(async (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  seen.push({ method, url, headers, body: await text(incoming) });
  outgoing.writeHead(403, { "content-type": "text/html", "content-security-policy": "default-src 'none'" }).end("<p>");
});
let door: OperatorDoor;
let signIns = 0;

beforeAll(async () => {
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  const address = host.address();
  const port = typeof address === "object" ? address?.port : undefined;
  door = await openOperatorDoor({ url: `http://127.0.0.1:${port}`, functionKey: "the-key" }, async () => {
    signIns += 1;
    return `token-${signIns}`;
  });
});
beforeEach(() => {
  seen.length = 0;
});
afterAll(async () => {
  await door.close();
  host.close();
});

test("a browser that brings nothing is an operator to the host, and gets its answer as it is", async () => {
  const answer = await fetch(`${door.url}/api/status?code=x`, { headers: { accept: "text/html", cookie: "a=b" } });
  expect(seen).toMatchObject([{ method: "GET", url: "/api/status?code=x", body: "" }]);
  const headers = seen[0]?.headers ?? {};
  expect(headers).toMatchObject({ accept: "text/html", "x-functions-key": "the-key", authorization: "Bearer token-1" });
  expect(headers.cookie).toBeUndefined();
  expect(answer.status).toBe(403);
  expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'");
  expect(await answer.text()).toBe("<p>");
});

test("an order comes with what says that another site did not make the browser give it", async () => {
  const headers = { "content-type": "application/json", "sec-fetch-site": "cross-site" };
  await fetch(`${door.url}/api/operations/stop`, { method: "POST", headers, body: '{"reason":"drill"}' });
  expect(seen).toMatchObject([{ method: "POST", url: "/api/operations/stop", headers, body: '{"reason":"drill"}' }]);
});

test.each(["http://127.0.0.1:9/api/status", "//127.0.0.1:9/api/status", "/admin/functions"])(
  "the key is not sent to wherever a path names: %s",
  async (path) => {
    const { port } = new URL(door.url);
    const sent = request({ host: "127.0.0.1", port, path }).end();
    const [answer] = await once(sent, "response");
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(seen).toEqual([]);
  },
);
