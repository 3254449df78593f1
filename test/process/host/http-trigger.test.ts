import { describe, expect, it } from "vitest";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

const echo = `
const echo = async (request, context) => ({
  jsonBody: {
    name: context.functionName,
    method: request.method,
    url: request.url,
    params: request.params,
    query: [...request.query],
    header: request.headers.get("x-test"),
    body: await request.text(),
  },
});`;

describe("HTTP trigger", () => {
  it("hands over method, absolute URL, route parameters, query, headers and body", async () => {
    const folder = await tinyFunctions(
      `${echo}
      app.http("items", { route: "items/{id:int}/{part?}", methods: ["POST"], authLevel: "anonymous", handler: echo });`,
    );
    const { url } = await runHost(folder).listening();
    const response = await fetch(`${url}/api/Items/7/a%20b?x=1&x=2`, {
      method: "POST",
      headers: { "x-test": "yes" },
      body: "text",
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      name: "items",
      method: "POST",
      url: `${url}/api/Items/7/a%20b?x=1&x=2`,
      params: { id: "7", part: "a b" },
      query: [["x", "1,2"]],
      header: "yes",
      body: "text",
    });
  });

  it("answers 404 for an unknown route, an unmet constraint and another method", async () => {
    const folder = await tinyFunctions(
      `${echo} app.http("items", { route: "items/{id:int}", methods: ["GET"], authLevel: "anonymous", handler: echo });`,
    );
    const { url } = await runHost(folder).listening();
    const status = async (path: string, method = "GET") => (await fetch(url + path, { method })).status;
    expect(await status("/api/items/1")).toBe(200);
    expect(await status("/items/1")).toBe(404);
    expect(await status("/api/items/x")).toBe(404);
    expect(await status("/api/items/1", "DELETE")).toBe(404);
  });

  it("asks for the keys that the auth level names", async () => {
    const folder = await tinyFunctions(`${echo}
      app.http("open", { authLevel: "anonymous", handler: echo });
      app.http("keyed", { authLevel: "function", handler: echo });
      app.http("top", { authLevel: "admin", handler: echo });`);
    const env = { HOST_MASTER_KEY: "master-key", HOST_FUNCTION_KEY: "function-key" };
    const { url } = await runHost(folder, env).listening();
    const status = async (name: string, key?: string) =>
      (await fetch(`${url}/api/${name}`, { headers: key === undefined ? {} : { "x-functions-key": key } })).status;
    expect(await status("open")).toBe(200);
    expect(await status("keyed")).toBe(401);
    expect(await status("keyed", "wrong")).toBe(401);
    expect(await status("keyed", "function-key")).toBe(200);
    expect(await status("keyed", "master-key")).toBe(200);
    expect(await status("top", "function-key")).toBe(401);
    expect(await status("top", "master-key")).toBe(200);
    expect((await fetch(`${url}/api/keyed?code=function-key`)).status).toBe(200);
  });

  it("answers 500 with an empty body when the handler throws, and logs the error", async () => {
    const folder = await tinyFunctions(
      `app.http("bad", { authLevel: "anonymous", handler: () => { throw new Error("secret detail"); } });`,
    );
    const host = runHost(folder);
    const { url } = await host.listening();
    const response = await fetch(`${url}/api/bad`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("");
    await host.waitForLog(/secret detail/);
  });

  it("follows host.json for the route prefix and custom headers, and the handler for status and headers", async () => {
    const folder = await tinyFunctions(
      `app.http("tea", { authLevel: "anonymous", handler: () => ({ status: 418, headers: { "x-own": "1", "X-Frame-Options": "DENY" }, body: "pot" }) });`,
      {
        extensions: {
          http: { routePrefix: "", customHeaders: { "x-content-type-options": "nosniff", "x-frame-options": "other" } },
        },
      },
    );
    const { url } = await runHost(folder).listening();
    const response = await fetch(`${url}/tea`);
    expect(response.status).toBe(418);
    expect(response.headers.get("x-own")).toBe("1");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(await response.text()).toBe("pot");
  });
});
