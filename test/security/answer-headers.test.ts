import { readFile } from "node:fs/promises";
import { HttpRequest } from "@azure/functions";
import { expect, test } from "vitest";
import { registerHealth } from "../../functions/health.ts";
import { safeHeaders, withSafeHeaders } from "../../functions/host-app.ts";
import { registerLifecycle } from "../../functions/lifecycle.ts";
import { registerLive } from "../../functions/live.ts";
import { registerNotifications } from "../../functions/notifications.ts";
import { registerOperations } from "../../functions/operations.ts";
import { registerStatus } from "../../functions/status.ts";
import type { App } from "../../shared/app.ts";
import { aHealth, aStatus } from "../fixtures/a-status.ts";
import { anOperator } from "../fixtures/operators.ts";
import { declared, fakeApp, fakeHost, invocation } from "../unit/functions/fakes.ts";

const allow: App["authorize"] = async () => ({ allowed: true, operator: anOperator });
const refuse: App["authorize"] = async () => ({
  allowed: false,
  refusal: { status: 401, error: "NO_TOKEN", problems: [] },
});

function functions(authorize: App["authorize"]) {
  const { host, http } = fakeHost();
  const safe = withSafeHeaders(host);
  const cutoff = fakeApp({
    authorize,
    health: async () => aHealth({}),
    status: async () => aStatus(),
    operate: async () => ({ operationId: "1", action: "stop", principals: 0, note: null }),
    notifications: async () => ({ status: 200, text: "token" }),
    lifecycle: async () => ({ status: 202 }),
  });
  registerLive(safe, true);
  for (const register of [
    registerHealth,
    registerStatus,
    registerOperations,
    registerNotifications,
    registerLifecycle,
  ]) {
    register(safe, cutoff);
  }
  return http;
}

const request = () =>
  new HttpRequest({
    method: "POST",
    url: "http://localhost/api",
    params: { action: "stop" },
    body: { string: '{"reason":"a drill"}' },
  });

test.each([
  ["a good caller", allow],
  ["a refused one", refuse],
])(
  "every answer to %s is kept by nobody, taken for nothing else, and comes by TLS from then on",
  async (_, authorize) => {
    const http = functions(authorize);
    expect([...http.keys()].toSorted()).toEqual([
      "health",
      "lifecycle",
      "live",
      "notifications",
      "operations",
      "status",
    ]);
    for (const name of http.keys()) {
      const answer = await declared(http, name).handler(request(), invocation());
      const headers = new Headers(answer?.headers);
      expect({ name, ...Object.fromEntries(headers) }).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000",
      });
    }
  },
);

test("what a function says itself stays", async () => {
  const http = functions(allow);
  const answer = await declared(http, "status").handler(request(), invocation());
  expect(answer).toMatchObject({ headers: { "content-type": expect.stringContaining("text/html"), vary: "Accept" } });
});

test("what the host answers itself, without a key or a route, has the same ones", async () => {
  const { extensions } = JSON.parse(await readFile(new URL("../../host.json", import.meta.url), "utf8"));
  expect(extensions.http.customHeaders).toEqual(safeHeaders);
});
