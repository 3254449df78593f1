import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createPost } from "../../../shared/notify/channel.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A receiver on this machine; every path that it is asked for. */
async function listen(status: number, headers: Record<string, string> = {}) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(status, headers).end("whatever");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver listens on no port.");
  return { paths, url: `http://127.0.0.1:${address.port}/hook` };
}

const message = { headers: { "webhook-id": "msg_1" }, body: "{}" };

test("a 2xx is a delivery", async () => {
  const { url, paths } = await listen(202);
  expect(await createPost(url, fetch)(message)).toEqual({ status: 202, delivered: true, retryAfter: null });
  expect(paths).toEqual(["/hook"]);
});

test("a redirect is not followed, and is none", async () => {
  const { url, paths } = await listen(302, { location: "/elsewhere" });
  expect(await createPost(url, fetch)(message)).toMatchObject({ status: 302, delivered: false });
  expect(paths).toEqual(["/hook"]);
});

test.each([
  { header: "120", wait: 120_000 },
  { header: "soon", wait: null },
])("Retry-After $header", async ({ header, wait }) => {
  const { url } = await listen(503, { "retry-after": header });
  expect(await createPost(url, fetch)(message)).toEqual({ status: 503, delivered: false, retryAfter: wait });
});

test("an answer without an end is not read", async () => {
  const closed = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200);
    const more = () => response.write("x".repeat(65_536), more);
    more();
    response.on("close", () => closed.resolve());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const delivery = await createPost(`http://127.0.0.1:${port}/`, fetch)(message);
  expect(delivery).toEqual({ status: 200, delivered: true, retryAfter: null });
  await closed.promise;
});

test("what a failing connection says stays here: it names the URL", async () => {
  const url = "https://hooks.contoso.example/secret";
  const failing = async () => {
    throw new TypeError(`Failed to parse URL from ${url}`);
  };
  expect(await createPost(url, failing)(message)).toEqual({ status: 0, delivered: false, retryAfter: null });
});

test("a receiver that is not there is no failure of ours", async () => {
  const { url } = await listen(200);
  servers[0]?.close();
  const nobody = url.replace(/:\d+/, ":1");
  expect(await createPost(nobody, fetch)(message)).toEqual({ status: 0, delivered: false, retryAfter: null });
});
