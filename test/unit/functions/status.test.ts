import { HttpRequest } from "@azure/functions";
import { expect, test } from "vitest";
import { registerStatus } from "../../../functions/status.ts";
import { aStatus } from "../../fixtures/a-status.ts";
import { declared, fakeApp, fakeHost, invocation } from "./fakes.ts";

test("the page is behind a function key, and is JSON for whoever asks for it", async () => {
  const { host, http } = fakeHost();
  registerStatus(host, fakeApp({ status: async () => aStatus() }));
  const { authLevel, methods, route, handler } = declared(http, "status");
  expect({ authLevel, methods, route }).toEqual({ authLevel: "function", methods: ["GET"], route: "status" });
  const asked = new HttpRequest({
    method: "GET",
    url: "http://localhost/api/status",
    headers: { accept: "application/json" },
  });
  expect(await handler(asked, invocation())).toMatchObject({ status: 200, body: JSON.stringify(aStatus()) });
});
