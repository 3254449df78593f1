import { HttpRequest } from "@azure/functions";
import { expect, test } from "vitest";
import { registerStatus } from "../../../functions/status.ts";
import type { App } from "../../../shared/app.ts";
import { aStatus } from "../../fixtures/a-status.ts";
import { anOperator } from "../../fixtures/operators.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("a caller who may not read is not shown anything", async () => {
  const { host, http } = fakeHost();
  const refusal = { status: 403, error: "MISSING_ROLE", problems: ["why"] } as const;
  registerStatus(host, fakeApp({ authorize: async () => ({ allowed: false, refusal }) }));
  const asked = new HttpRequest({ method: "GET", url: "http://localhost/api/status" });
  expect(await declared(http, "status").handler(asked, invocation())).toMatchObject({ status: 403 });
});

test("the page is behind a function key and a role, and is JSON for a caller who asks for it", async () => {
  const { host, http } = fakeHost();
  const authorize: App["authorize"] = async (_, needed) => {
    expect(needed).toBe("Cutoff.Read");
    return { allowed: true, operator: anOperator };
  };
  registerStatus(host, fakeApp({ authorize, status: async () => aStatus() }));
  const { authLevel, methods, route, handler } = declared(http, "status");
  expect({ authLevel, methods, route }).toEqual({ authLevel: "function", methods: ["GET"], route: "status" });
  const asked = new HttpRequest({
    method: "GET",
    url: "http://localhost/api/status",
    headers: { accept: "application/json" },
  });
  expect(await handler(asked, invocation())).toMatchObject({ status: 200, body: JSON.stringify(aStatus()) });
});
